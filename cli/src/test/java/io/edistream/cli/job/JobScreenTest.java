package io.edistream.cli.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.StatusScreen;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.Ids;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.OptionalLong;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class JobScreenTest {

    private static final UnregisteredMetricsGroup GROUP = new UnregisteredMetricsGroup();

    private final StringWriter err = new StringWriter();
    private final StatusScreen pipe = new StatusScreen(new PrintWriter(err), false, 80);
    private final StatusScreen terminal = new StatusScreen(new PrintWriter(err), true, 10);

    @Test
    void onATerminalTheStatusIsWrittenOverAndStaysTheLastLine() {
        terminal.show("123456789");
        terminal.say("word");
        terminal.show("a status that is longer than the line");
        terminal.end();
        String clear = "\r\u001b[K";
        assertThat(err.toString())
                .isEqualTo(clear + "123456789" + clear + "edistream: word" + System.lineSeparator() + "123456789"
                        + clear + "a status " + clear);
    }

    @Test
    void elsewhereEveryLineIsPlain() {
        pipe.show("status");
        pipe.say("word");
        pipe.end();
        assertThat(err.toString().lines()).containsExactly("edistream: status", "edistream: word");
    }

    /** Tokens went from 100 to 350 within 2 s. */
    @Test
    void theLineTellsRatesAndWhatIsUnknown() {
        StatusLine before = line(100, OptionalLong.empty(), 0);
        StatusLine now = line(350, OptionalLong.of(7), 3);
        assertThat(before.text(null, 1))
                .isEqualTo("unknown tokens/s, 4 live, lag unknown records, 5 commands, lost 0 records and 0 tokens,"
                        + " 0 rejected, 0 dropped");
        assertThat(now.text(before, 2))
                .startsWith("125 tokens/s, 4 live, lag 7 records, 5 commands, lost 3 records and");
        assertThat(now.losses(before)).isEqualTo("3 records of sources never came");
        assertThat(before.losses(now)).isEmpty();
    }

    private static StatusLine line(long tokens, OptionalLong lag, long missing) {
        OptionalLong zero = OptionalLong.of(0);
        return new StatusLine(
                OptionalLong.of(tokens),
                OptionalLong.of(4),
                lag,
                OptionalLong.of(5),
                OptionalLong.of(missing),
                zero,
                zero,
                zero);
    }

    @Test
    void commandsBeyondTheBoundAreSummedUp() {
        CommandLog log = new CommandLog(pipe);
        for (int command = 0; command < CommandLog.MAX_PER_PERIOD; command++) {
            log.onCommand(command("abort-above", 40));
        }
        log.onPeriodEnd();
        assertThat(err.toString().lines())
                .hasSize(10)
                .allMatch(line -> line.equals("edistream: ABORT ARMED by rule"
                        + " abort-above:2 for sequence 0000000000000001-7, decided at token 40"));
        for (int command = 0; command < CommandLog.MAX_PER_PERIOD + 3; command++) {
            log.onCommand(command("\u001bx", 24));
        }
        log.onPeriodEnd();
        assertThat(err.toString().lines().skip(10))
                .hasSize(11)
                .contains("edistream: 3 more commands within this second; edistream tail control shows all")
                .contains(
                        "edistream: ABORT ARMED by rule \uFFFDx:2 for sequence 0000000000000001-7, decided at token 24,"
                                + " repeated at token 40");
    }

    @Test
    void aRerouteNamesItsTarget() {
        CommandLog log = new CommandLog(pipe);
        Command reroute = command("reroute-above", 40);
        reroute.setAction(Action.REROUTE);
        reroute.setTargetRoute("\u001blarge");
        log.onCommand(reroute);
        assertThat(err.toString().lines())
                .containsExactly("edistream: REROUTE ARMED by rule reroute-above:2 for sequence 0000000000000001-7, to"
                        + " route \uFFFDlarge, decided at token 40");
    }

    @Test
    void anOutageIsSaidOnceAndItsLengthWhenItIsOver() {
        Outage outage = new Outage();
        long second = 1_000_000_000L;
        assertThat(outage.onQuestion(true, 0)).isEmpty();
        assertThat(outage.onQuestion(false, 10 * second))
                .hasValueSatisfying(text -> assertThat(text).startsWith("Kafka does not answer"));
        assertThat(outage.onQuestion(false, 20 * second)).isEmpty();
        assertThat(outage.onQuestion(true, 52 * second)).hasValue("Kafka answers again, after 42 s");
        assertThat(outage.onQuestion(true, 53 * second)).isEmpty();
    }

    @Test
    void countersGoOnWhenATaskStartsAnew() {
        JobNumbers numbers = new JobNumbers();
        assertThat(numbers.counted("tokens_total")).isEmpty();
        Counter first = new SimpleCounter();
        Counter other = new SimpleCounter();
        numbers.notifyOfAddedMetric(first, "tokens_total", GROUP);
        numbers.notifyOfAddedMetric(other, "tokens_total", GROUP);
        first.inc(40);
        other.inc(2);
        assertThat(numbers.counted("tokens_total")).hasValue(42);
        numbers.notifyOfRemovedMetric(first, "tokens_total", GROUP);
        Counter anew = new SimpleCounter();
        numbers.notifyOfAddedMetric(anew, "tokens_total", GROUP);
        anew.inc(5);
        assertThat(numbers.counted("tokens_total")).hasValue(47);

        Gauge<Integer> live = () -> 3;
        numbers.notifyOfAddedMetric(live, "live_sequences", GROUP);
        assertThat(numbers.shown("live_sequences")).hasValue(3);
        numbers.notifyOfRemovedMetric(live, "live_sequences", GROUP);
        assertThat(numbers.shown("live_sequences")).isEmpty();
    }

    private static Command command(String rule, int decidedAt) {
        return Command.newBuilder()
                .setCommandId(new CommandId(new byte[16]))
                .setSequence(Ids.sequenceId(1, 7))
                .setAction(Action.ABORT)
                .setMode(CommandMode.ARMED)
                .setRule(rule)
                .setRevision(2)
                .setModel("m")
                .setRoute("default")
                .setDecidedAtToken(decidedAt)
                .setDecodedAtMicros(1)
                .setSentAtToken(40)
                .setSentTokenAtMicros(1)
                .setReason("r")
                .build();
    }
}
