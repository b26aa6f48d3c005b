package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.watch.Ended;
import io.edistream.sequences.EndReason;

/** What an answer says of a choice that a command ended. */
final class EndNotice {

    /** The member that says it. */
    static final String MEMBER = "edistream";

    private EndNotice() {}

    /**
     * A text that was to have a form, or to call tools, must fail to be read rather than be taken for whole; others end as if the
     * model had said so.
     */
    static String finish(Asked asked) {
        return asked.hasForm() || asked.hasTools() ? "content_filter" : "stop";
    }

    static void write(ObjectNode to, int choice, Ended how) {
        to.put("choice", choice)
                .put("action", how.reason() == EndReason.PRUNED ? "prune" : "abort")
                .put("reason", how.because())
                .put("rule", how.rule())
                .put("token", how.token());
    }
}
