package io.edistream.generator.control;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a rule asks this generator to do.
 *
 * @param id of the command, 16 bytes; the same decision made twice has the same id
 * @param sequence number of the sequence to act on
 * @param action what to do
 * @param armed whether to do it; if not, only to report where it would have taken effect
 * @param rule id of the rule that fired
 * @param decidedAtToken index of the token that made the rule fire
 * @param decodedAtMicros when that token was decoded, microseconds since 1970-01-01 UTC on this generator's clock
 * @param branchAtToken BRANCH: index of the first token that the children decode themselves
 * @param branchWidth BRANCH: how many children to start
 * @param maxLeaves BRANCH: sequences that the prompt group may have started in all; 0 for no limit
 * @param spareLast ABORT: do nothing if no other sequence of the group runs or has ended by itself
 */
public record ControlCommand(
        UUID id,
        long sequence,
        ControlAction action,
        boolean armed,
        String rule,
        int decidedAtToken,
        long decodedAtMicros,
        @Nullable Integer branchAtToken,
        int branchWidth,
        int maxLeaves,
        boolean spareLast) {}
