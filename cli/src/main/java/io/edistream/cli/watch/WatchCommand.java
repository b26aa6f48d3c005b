package io.edistream.cli.watch;

import io.edistream.cli.Edistream;
import io.edistream.cli.Interruption;
import io.edistream.cli.Style;
import io.edistream.cli.Terminal;
import io.edistream.cli.UserError;
import io.edistream.cli.tail.FromArguments;
import io.edistream.cli.tail.ReadTopics;
import io.edistream.console.topics.Beginning;
import io.edistream.console.topics.Onlooker;
import io.edistream.jobs.KafkaArguments;
import io.edistream.jobs.properties.SecretMask;
import io.edistream.schemas.Topics;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the sequences and commands of live topics. */
@Command(
        name = "watch",
        description = {
            "Shows the sequences that run on your brokers, what became of them, and the commands, until Ctrl-C.",
            "",
            "On a terminal the liveliest sequences are redrawn in place; elsewhere there is a line for each command and"
                    + " each sequence that ended. docs/tools.md has examples."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:ended by Ctrl-C, or since nobody takes the output",
            "1:a topic is missing, or Kafka refused",
            "2:an option is wrong"
        })
public final class WatchCommand implements Callable<Integer> {

    /** The most sequences that are kept, and the most commands: some 30 MiB. */
    static final int MAX_KEPT = 10_000;

    @Mixin
    private KafkaArguments kafka = new KafkaArguments();

    @Mixin
    private FromArguments from = new FromArguments();

    @Option(
            names = "--generator",
            paramLabel = "ID",
            description = "Only of this source of tokens, 16 hexadecimal digits.")
    private @Nullable String generator;

    @Option(names = "--model", paramLabel = "NAME", description = "Only of this model.")
    private @Nullable String model;

    @Option(names = "--request", paramLabel = "NAME", description = "Only of the request that its caller named so.")
    private @Nullable String request;

    @Option(names = "--show-text", description = "Shows texts and answers too, where sources publish them.")
    private boolean showText;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        Topics topics = UserError.checked(kafka::topics);
        Wanted wanted = Wanted.parse(generator, model, request);
        Beginning start = from.beginning();
        String servers = UserError.checked(kafka::servers);
        return Interruption.cleanUp(interruption -> {
            interruption.isHowItEnds();
            watch(topics, wanted, start, servers, partitions(topics, servers));
            return ExitCode.OK;
        });
    }

    private void watch(Topics topics, Wanted wanted, Beginning start, String servers, List<TopicPartition> partitions) {
        long begun = System.nanoTime();
        PrintWriter out = spec.commandLine().getOut();
        boolean terminal = Terminal.showsOutput();
        int columns = Terminal.columns();
        WatchLines lines = new WatchLines(columns, new Style(Terminal.showsColours()), showText);
        WatchScreen screen = new WatchScreen(out, terminal, columns, Terminal.rows(), lines, begun);
        LiveState state = new LiveState(MAX_KEPT, wanted, showText, screen);
        say("watching " + topics.prefix() + "* of " + servers + " from " + from.typed() + " on; Ctrl-C ends it");
        try (Consumer<byte[], byte[]> consumer = Onlooker.consumer(servers, kafka.properties())) {
            TopicWatch watch = new TopicWatch(
                    consumer,
                    topics,
                    partitions,
                    state,
                    screen,
                    terminal ? what -> screen.say("edistream: " + what) : this::say,
                    System::nanoTime);
            untilInterrupted(watch, start);
        } catch (KafkaException e) {
            throw UserError.failedWork("Kafka at " + servers + " cannot be read: "
                    + SecretMask.of(kafka.properties()).hide(String.valueOf(e.getMessage())));
        } catch (UserError e) {
            if (e.isEndOfOutput()) {
                return;
            }
            throw e;
        }
        state.onClose();
        screen.close(state.totals().summary(System.nanoTime() - begun));
    }

    /** Ends without an interruption of the thread, which the consumer would take amiss when it is closed. */
    private static void untilInterrupted(TopicWatch watch, Beginning start) {
        try {
            watch.run(start, () -> !Thread.interrupted());
        } catch (InterruptException e) {
            boolean unused = Thread.interrupted();
        }
    }

    /** The partitions of all topics that are read. */
    private List<TopicPartition> partitions(Topics topics, String servers) throws InterruptedException {
        return ReadTopics.partitions(
                servers,
                kafka.properties(),
                topics,
                List.of(topics.tokenEntropy(), topics.scores(), topics.control(), topics.controlOutcomes()));
    }

    private void say(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("edistream: " + what);
        err.flush();
    }
}
