package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.watch.Ended;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention.Conclude;
import io.edistream.sequences.Intervention.Reroute;

/** What an answer says of a choice that a command ended or moved. */
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

    /** A choice goes on on another route, from a token on. */
    static void write(ObjectNode to, int choice, Reroute why, int token) {
        to.put("choice", choice)
                .put("action", "reroute")
                .put("reason", why.because())
                .put("rule", why.rule())
                .put("token", token)
                .put("route", why.route());
    }

    /**
     * The reasoning of a choice was ended.
     *
     * @param token index of the first token behind it
     */
    static void write(ObjectNode to, int choice, Conclude why, int token) {
        to.put("choice", choice)
                .put("action", "conclude")
                .put("reason", why.because())
                .put("rule", why.rule())
                .put("token", token);
    }

    /** An event that has choices, with a notice as its last member; every other byte stays as it was. */
    static byte[] added(byte[] event, ObjectNode notice) {
        int end = event.length - 1;
        while (end >= 0 && event[end] != '}') {
            end--;
        }
        byte[] member = (",\"" + MEMBER + "\":" + notice).getBytes(UTF_8);
        byte[] all = new byte[event.length + member.length];
        System.arraycopy(event, 0, all, 0, end);
        System.arraycopy(member, 0, all, end, member.length);
        System.arraycopy(event, end, all, end + member.length, event.length - end);
        return all;
    }

    /** A body in one piece has all of one sort in a list. */
    static void list(ObjectNode body, String name, ArrayNode notices) {
        if (!notices.isEmpty()) {
            body.withObject('/' + MEMBER).set(name, notices);
        }
    }
}
