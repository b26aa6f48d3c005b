package io.edistream.cli.tail;

import io.edistream.cli.Edistream;
import io.edistream.cli.Interruption;
import io.edistream.cli.UserError;
import io.edistream.console.topics.Beginning;
import io.edistream.console.topics.Onlooker;
import io.edistream.jobs.KafkaArguments;
import io.edistream.jobs.properties.SecretMask;
import io.edistream.schemas.Topics;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the records of a topic. */
@Command(
        name = "tail",
        description = {
            "Prints the records of a topic, one JSON object per line, with names instead of numbers.",
            "",
            "Texts, prompts, answers, token ids and the bytes of rejected records are left out without --show-text."
                    + " Partitions are read side by side, so that only records of one partition are in order."
                    + " docs/tools.md has examples."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:read to the end",
            "1:the topic is missing, or Kafka refused",
            "2:an option or argument is wrong"
        })
public final class TailCommand implements Callable<Integer> {

    private static final long DEFAULT_MAX_BEHIND = 10_000;

    @Parameters(
            index = "0",
            paramLabel = "TOPIC",
            description =
                    "scores, spikes, control, control-outcomes, token-entropy, rejected, rules, rule-modes, audit,"
                            + " profiles, groups, panes or fleet; or a full name.")
    private String topicName = "";

    @Mixin
    private KafkaArguments kafka = new KafkaArguments();

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            description = "earliest, latest, how long ago (10min) or an instant (2026-01-31T12:00:00Z). Default:"
                    + " earliest; latest with --follow.")
    private @Nullable String from;

    @Option(names = "--follow", description = "Goes on at the end of the topic, until it is interrupted.")
    private boolean follow;

    @Option(names = "--max", paramLabel = "N", description = "Ends after so many lines, at least 1. Default: no limit.")
    private long max = Long.MAX_VALUE;

    @Option(
            names = "--max-behind",
            paramLabel = "N",
            description = "With --follow: when more records than this wait to be printed, they are left out, and their"
                    + " number is said on standard error; at least 1. Default: ${DEFAULT-VALUE}.")
    private long maxBehind = DEFAULT_MAX_BEHIND;

    @Option(
            names = "--sequence",
            paramLabel = "ID",
            description = "Only of this sequence, for instance 0123456789abcdef-42.")
    private @Nullable String sequence;

    @Option(
            names = "--generator",
            paramLabel = "ID",
            description = "Only of this source of tokens, 16 hexadecimal digits.")
    private @Nullable String generator;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description =
                    "Only of this model. Tokens name it in their sequence's start alone, which must have been read.")
    private @Nullable String model;

    @Option(
            names = "--request",
            paramLabel = "NAME",
            description = "Only of the request that its caller named so; for tokens as --model.")
    private @Nullable String request;

    @Option(
            names = "--show-text",
            description = "Shows texts, prompts, answers and token ids too, where sources publish them.")
    private boolean showText;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        Topics topics = UserError.checked(kafka::topics);
        TopicKind topic = TopicKind.of(topicName, topics);
        Filter filter = new Filter(sequence, generator, model, request);
        filter.requireSense(topic);
        if (max < 1 || maxBehind < 1) {
            throw UserError.wrongRequest(
                    (max < 1 ? "--max " + max : "--max-behind " + maxBehind) + ": must be at least 1");
        }
        Beginning start = from == null
                ? follow ? Beginning.LATEST : Beginning.EARLIEST
                : From.parse(from, Clock.systemUTC().instant());
        if (!follow && start.place() == Beginning.Place.LATEST) {
            throw UserError.wrongRequest("--from latest: needs --follow, since there is nothing behind the end yet");
        }
        String servers = UserError.checked(kafka::servers);
        return Interruption.cleanUp(interruption -> {
            if (follow) {
                interruption.isHowItEnds();
            }
            List<TopicPartition> partitions =
                    ReadTopics.partitions(servers, kafka.properties(), topics, List.of(topic.fullName()));
            print(servers, topic, partitions, start, new Printer(new RecordLines(topic, filter, showText)));
            return ExitCode.OK;
        });
    }

    private void print(
            String servers, TopicKind topic, List<TopicPartition> partitions, Beginning start, Printer printer)
            throws InterruptedException {
        try (Consumer<byte[], byte[]> consumer = Onlooker.consumer(servers, kafka.properties())) {
            read(new TopicTail(consumer, partitions, printer), start);
            printer.onIdle();
        } catch (KafkaException e) {
            throw UserError.failedWork(topic.fullName() + " of Kafka at " + servers + " cannot be read: "
                    + SecretMask.of(kafka.properties()).hide(String.valueOf(e.getMessage())));
        } catch (UserError e) {
            if (!e.isEndOfOutput()) {
                throw e;
            }
        }
    }

    /** Following has no other end than an interruption, which consumers take amiss when they are closed. */
    private void read(TopicTail tail, Beginning start) throws InterruptedException {
        try {
            if (follow) {
                tail.follow(start, maxBehind);
            } else {
                tail.readToEnd(start);
            }
        } catch (InterruptException e) {
            boolean unused = Thread.interrupted();
            if (!follow) {
                throw new InterruptedException();
            }
        }
    }

    /** Prints what is wanted. */
    private final class Printer implements TopicTail.Listener {

        private final RecordLines lines;
        private final PrintWriter out = spec.commandLine().getOut();
        private long printed;
        private long leftOut;

        Printer(RecordLines lines) {
            this.lines = lines;
        }

        @Override
        public boolean onRecord(ConsumerRecord<byte[], byte[]> record) {
            Optional<String> line = lines.line(record);
            line.ifPresent(text -> {
                out.print(text);
                out.print('\n');
                printed++;
            });
            return printed < max;
        }

        @Override
        public void onIdle() {
            out.flush();
        }

        @Override
        public void onLeftOut(long records) {
            leftOut += records;
            PrintWriter err = spec.commandLine().getErr();
            err.println("edistream: left out " + records + " records (" + leftOut + " in all): more than " + maxBehind
                    + " waited, since lines are taken more slowly than records come");
            err.flush();
        }
    }
}
