package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.watch.Ended;
import io.edistream.sequences.EndReason;
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

    /** A body in one piece has all of one sort in a list. */
    static void list(ObjectNode body, String name, ArrayNode notices) {
        if (!notices.isEmpty()) {
            body.withObject('/' + MEMBER).set(name, notices);
        }
    }
}
