package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.server.Happened.Sent;
import io.edistream.gateway.server.Happened.State;
import io.edistream.gateway.server.Happened.When;
import io.edistream.gateway.server.Interleaving.Aim;
import io.edistream.gateway.server.Interleaving.Begin;
import io.edistream.gateway.server.Interleaving.End;
import io.edistream.gateway.server.Interleaving.Ending;
import io.edistream.gateway.server.Interleaving.Entry;
import io.edistream.gateway.server.Interleaving.How;
import io.edistream.gateway.server.Interleaving.Leave;
import io.edistream.gateway.server.Interleaving.Order;
import io.edistream.gateway.server.Interleaving.Repeat;
import io.edistream.gateway.server.Interleaving.Say;
import io.edistream.gateway.server.Interleaving.Step;
import io.edistream.gateway.server.PlayedEngine.Given;
import io.edistream.gateway.server.ScriptedEngines.Call;
import io.edistream.gateway.server.SeededText.Piece;
import io.edistream.gateway.watch.Aborts;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.LocalControlInbox;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.TokenRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Plays one interleaving against a gateway, and tells what came of it. All that it waits for comes, or the gateway hangs. */
final class Play implements ScriptedEngines.Owner, PublishedSequences.Reader {

    static final int PROMPT_TOKENS = 7;
    static final String PROMPT = "Count:";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final long PATIENCE_SECONDS = 15;

    private final Interleaving drawn;
    private final Stage stage;
    private final Random random;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition stirred = lock.newCondition();
    private final List<PlayedEngine> engines = new CopyOnWriteArrayList<>();
    private final Map<Long, Told> sequences = new ConcurrentSkipListMap<>();
    private final List<Waiting> commands = new CopyOnWriteArrayList<>();
    private @Nullable Socket client;
    private volatile byte @Nullable [] read;
    private volatile int readSoFar;
    private volatile boolean left;

    /** Where it is played. */
    record Stage(
            ScriptedEngines engines,
            PublishedSequences published,
            LocalControlInbox commands,
            int port,
            Peer barrier,
            String lane) {}

    private static final class Told {
        private final SequenceStarted start;
        private final AtomicInteger tokens = new AtomicInteger();
        private final List<SequenceEnded> ends = new CopyOnWriteArrayList<>();
        private final List<String> faults = new ArrayList<>();

        private Told(SequenceStarted start) {
            this.start = start;
        }
    }

    private static final class Waiting {
        private final Order order;
        private final ControlCommand command;
        private final boolean repeats;
        private final When when;
        private final List<ControlOutcome> outcomes = new CopyOnWriteArrayList<>();

        private Waiting(Order order, ControlCommand command, boolean repeats, When when) {
            this.order = order;
            this.command = command;
            this.repeats = repeats;
            this.when = when;
        }

        private boolean isApplied() {
            return outcomes.stream().anyMatch(outcome -> outcome.kind() == OutcomeKind.APPLIED);
        }
    }

    Play(Interleaving drawn, Stage stage) {
        this.drawn = drawn;
        this.stage = stage;
        random = new Random(~drawn.seed());
    }

    private String requestId() {
        return "play-" + drawn.seed();
    }

    /** Plays it to its end. */
    Happened happens() throws IOException {
        stage.engines().own(requestId(), this);
        stage.published().register(requestId(), drawn.seed(), this);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), stage.port())) {
            socket.setTcpNoDelay(true);
            client = socket;
            Thread reader = new Thread(() -> readAll(socket), "client-" + drawn.seed());
            reader.start();
            ask(socket);
            for (Step step : drawn.steps()) {
                play(step);
            }
            finish();
            if (drawn.seed() % 4 == 0) {
                order(drawn.seed() % 8 == 0 ? Order.reroute(Aim.FIRST, "b", false) : Order.abort(Aim.FIRST));
            }
            awaitEnds();
            heal();
            return happened();
        } finally {
            engines.forEach(PlayedEngine::close);
            stage.engines().disown(requestId());
            stage.published().forget(requestId(), drawn.seed());
        }
    }

    private void ask(Socket socket) throws IOException {
        ObjectNode body = MAPPER.createObjectNode()
                .put("model", stage.lane() + drawn.entry().suffix());
        if (drawn.endpoint() == Endpoint.CHAT) {
            body.putArray("messages").addObject().put("role", "user").put("content", PROMPT);
        } else {
            body.put("prompt", PROMPT);
        }
        if (drawn.streams()) {
            body.put("stream", true);
            if (drawn.usage()) {
                body.putObject("stream_options").put("include_usage", true);
            }
        }
        Integer most = drawn.maxTokens();
        if (most != null) {
            body.put("max_tokens", most);
        }
        byte[] bytes = body.toString().getBytes(UTF_8);
        String head = "POST " + drawn.endpoint().path()
                + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\nX-Request-Id: " + requestId()
                + "\r\nContent-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n\r\n";
        socket.getOutputStream().write(joined(head.getBytes(UTF_8), bytes));
    }

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }

    private void readAll(Socket socket) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            InputStream in = socket.getInputStream();
            byte[] part = new byte[8192];
            for (int length = in.read(part); length >= 0; length = in.read(part)) {
                all.write(part, 0, length);
                stir(() -> readSoFar = all.size());
            }
        } catch (IOException e) {
            // It is closed, by whichever side.
        }
        stir(() -> read = all.toByteArray());
    }

    // What happens elsewhere.

    @Override
    public void asked(Call call) {
        stir(() -> engines.add(engine(call)));
    }

    @Override
    public void stirred() {
        stir(() -> {});
    }

    @Override
    public void started(SequenceStarted start) {
        stir(() -> {
            Told before = sequences.put(start.sequence(), new Told(start));
            if (before != null) {
                sequences.get(start.sequence()).faults.add("it started twice");
            }
        });
    }

    @Override
    public void tokens(TokenRun run) {
        stir(() -> {
            Told told = sequences.get(run.sequence());
            if (run.firstToken() != told.tokens.get() || !told.ends.isEmpty()) {
                told.faults.add("token " + run.firstToken() + " comes behind " + told.tokens + " and " + told.ends);
            }
            told.tokens.addAndGet(run.tokens().size());
        });
    }

    @Override
    public void ended(SequenceEnded end) {
        stir(() -> sequences.get(end.sequence()).ends.add(end));
    }

    @Override
    public void settled(ControlOutcome outcome) {
        stir(() -> {
            List<Waiting> equal = commands.stream()
                    .filter(command -> command.command.equals(outcome.received().command()))
                    .toList();
            // They are settled in the order in which they came; what is withdrawn was applied before.
            boolean withdrawn = outcome.kind() == OutcomeKind.WITHDRAWN;
            equal.stream()
                    .filter(command -> withdrawn ? command.isApplied() : command.outcomes.isEmpty())
                    .findFirst()
                    .orElse(equal.get(equal.size() - 1))
                    .outcomes
                    .add(outcome);
        });
    }

    private void stir(Runnable change) {
        lock.lock();
        try {
            change.run();
            stirred.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void until(String what, BooleanSupplier condition) {
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    throw new AssertionError("hangs until " + what + "; so far: " + happened());
                }
                left = stirred.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while it waited until " + what, e);
        } finally {
            lock.unlock();
        }
    }

    private boolean isOver() {
        return read != null || left;
    }

    // Engines.

    private PlayedEngine engine(Call call) {
        // The name is that of a lane and one letter.
        char upstream = call.upstream().charAt(call.upstream().length() - 1);
        UpstreamKind kind = drawn.lane().kindOf(upstream);
        JsonNode asked = call.asked();
        String text = given(asked);
        List<String> forced = commands.stream()
                .map(command -> command.order.forced())
                .filter(Objects::nonNull)
                .toList();
        Given given = Given.of(generated(serving()), text, forced);
        boolean first = engines.isEmpty();
        // Of its own: it is asked on another thread than that which plays.
        Random own = new Random(31 * drawn.seed() + engines.size());
        List<Piece> pieces = SeededText.after(
                text,
                (char) ('p' + engines.size()),
                kind,
                first && drawn.boundless() ? 60 : 8 + own.nextInt(6),
                first && drawn.boundless(),
                PlayedEngine.most(asked),
                own);
        EngineEvents events = new EngineEvents(
                kind,
                drawn.endpoint(),
                "id-" + drawn.seed() + "-" + engines.size(),
                PROMPT_TOKENS + given.tokens(),
                asked);
        return new PlayedEngine(
                call, drawn.endpoint(), upstream, given, pieces, events, drawn.repeats(upstream), random);
    }

    private static String given(JsonNode asked) {
        if (asked.has("prompt")) {
            return asked.get("prompt").asText().substring(PROMPT.length());
        }
        JsonNode last = asked.get("messages").get(asked.get("messages").size() - 1);
        return last.path("role").asText().equals("assistant")
                ? last.path("content").asText()
                : "";
    }

    /** The last one that goes on. */
    private @Nullable PlayedEngine serving() {
        for (int last = engines.size() - 1; last >= 0; last--) {
            if (engines.get(last).how() == How.STREAM) {
                return engines.get(last);
            }
        }
        return null;
    }

    private boolean isServing(PlayedEngine engine) {
        return engine == serving()
                && engines.stream().skip(engines.indexOf(engine) + 1).allMatch(PlayedEngine::failed);
    }

    private static List<Piece> generated(@Nullable PlayedEngine engine) {
        return engine == null ? List.of() : engine.generated();
    }

    /** The sequence that has the tokens of whoever serves; null if there is none. */
    private @Nullable Told current() {
        Told current = null;
        for (Told told : sequences.values()) {
            boolean failed = told.start.continues() != null && told.tokens.get() == 0 && !told.ends.isEmpty();
            current = failed ? current : told;
        }
        return current;
    }

    private boolean hasToldAllOf(PlayedEngine engine) {
        Told current = current();
        return current != null
                && (current.start.continues() == null) == (engine == engines.get(0))
                && current.tokens.get() == engine.saidTokens();
    }

    // Steps.

    private void play(Step step) throws IOException {
        if (step instanceof Begin begin) {
            PlayedEngine engine = need(begin.call());
            if (engine != null && engine.how() == null && !engine.isClosed()) {
                begin(engine, begin.how(), begin.pieces());
            }
        } else if (step instanceof Say say) {
            PlayedEngine engine = say.call() < engines.size() ? engines.get(say.call()) : null;
            if (engine != null && engine.canSay()) {
                say(engine, say.pieces(), drawn.settled());
            }
        } else if (step instanceof End end) {
            PlayedEngine engine = end.call() < engines.size() ? engines.get(end.call()) : null;
            if (engine != null && engine.canSay()) {
                end(engine, end.how());
            }
        } else if (step instanceof Order order) {
            order(order);
        } else if (step instanceof Repeat) {
            repeat();
        } else if (step instanceof Leave && client != null && !isOver()) {
            left = true;
            client.close();
        }
    }

    /** A call that is there, or comes if the engine before it says enough. */
    private @Nullable PlayedEngine need(int number) throws IOException {
        if (number == 0) {
            until("the first engine is asked", () -> !engines.isEmpty());
        }
        while (engines.size() <= number) {
            until("there are outcomes", this::hasAllOutcomes);
            Waiting move = underWay();
            PlayedEngine serving = serving();
            // Who is asked and has not begun is whom the move waits for: nobody else is asked before.
            boolean isAsked = engines.get(engines.size() - 1).how() == null;
            if (engines.size() < number || move == null || serving == null || isAsked || isOver()) {
                return null;
            }
            boolean atOnce = move.order.fromPrompt()
                    || (!move.order.concludes()
                            && Happened.text(generated(serving)).isEmpty());
            until(
                    "the next engine is asked",
                    () -> isOver()
                            || engines.size() > number
                            || underWay() != move
                            || (!atOnce && hasToldAllOf(serving)));
            if (engines.size() <= number && !isOver() && underWay() == move) {
                if (!serving.canSay() || !serving.hasMore()) {
                    return null;
                }
                say(serving, 1, true);
            }
        }
        return engines.get(number);
    }

    private boolean hasAllOutcomes() {
        return commands.stream().allMatch(command -> !command.outcomes.isEmpty());
    }

    /** The reroute of which is not known yet whether the answer goes on elsewhere; null if there is none. */
    private @Nullable Waiting underWay() {
        for (Waiting command : commands) {
            Long by = continuedBy(command);
            if (by != null && !sequences.containsKey(by)) {
                return command;
            }
        }
        return null;
    }

    private static @Nullable Long continuedBy(Waiting command) {
        return command.outcomes.stream()
                .filter(outcome -> outcome.kind() == OutcomeKind.APPLIED)
                .map(ControlOutcome::continuedBy)
                .filter(by -> by != null)
                .findFirst()
                .orElse(null);
    }

    private void begin(PlayedEngine engine, How wanted, int pieces) throws IOException {
        if (drawn.settled() && isAborted()) {
            until("nobody waits for an engine", engine::isClosed);
            return;
        }
        How how = engine.possible(wanted);
        Told before = current();
        engine.begin(how, pieces);
        if (!drawn.settled()) {
            return;
        }
        Waiting move = underWay();
        if (how == How.STREAM) {
            until("it goes on", () -> isOver() || (current() != before && hasToldAllOf(engine)));
        } else if (move != null) {
            until("it is known that it cannot go on", () -> isOver() || hasEnded(move));
        }
    }

    private boolean isAborted() {
        return commands.stream().anyMatch(command -> command.order.isAbort() && command.isApplied());
    }

    /** Whether the sequence that was to begin with it has ended. */
    private boolean hasEnded(Waiting move) {
        Long by = continuedBy(move);
        Told rest = by == null ? null : sequences.get(by);
        return rest != null && !rest.ends.isEmpty();
    }

    private void say(PlayedEngine engine, int pieces, boolean settles) {
        String events;
        lock.lock();
        try {
            events = engine.more(pieces);
        } finally {
            lock.unlock();
        }
        if (!events.isEmpty()) {
            engine.send("", events);
        }
        settle(engine, settles, "what was said is told");
    }

    /** What is kept back is not told; that it is, the next engine knows, which is asked. */
    private void settle(PlayedEngine engine, boolean settles, String what) {
        // First: the next engine may be asked at any time.
        int known = engines.size();
        if (settles && isServing(engine)) {
            until(what, () -> isOver() || engines.size() > known || (!engine.hasEnded() && hasToldAllOf(engine)));
        }
    }

    private void end(PlayedEngine engine, Ending wanted) {
        // What races a reset may be lost, or not: then nobody knows what was said.
        Ending how = wanted == Ending.RESET && !drawn.settled() ? Ending.CLOSED : wanted;
        engine.end(how);
        settle(engine, drawn.settled(), "it is over, or goes on elsewhere");
    }

    // Commands.

    private void order(Order order) throws IOException {
        until("the first sequence starts", () -> isOver() || !sequences.isEmpty());
        if (drawn.settled() && isOver()) {
            until("all sequences have ended", this::haveSequencesEnded);
        }
        Told root = sequences.values().stream().findFirst().orElse(null);
        if (root == null) {
            return;
        }
        long sequence = root.start.sequence();
        if (order.aim() == Aim.NEVER) {
            sequence = Long.MAX_VALUE - drawn.seed();
        } else if (order.aim() == Aim.LATEST) {
            for (Waiting command : commands) {
                Long by = continuedBy(command);
                Told rest = by == null ? null : sequences.get(by);
                boolean failed = rest != null && rest.tokens.get() == 0 && !rest.ends.isEmpty();
                sequence = by == null || failed ? sequence : by;
            }
        }
        letGo();
        String route = order.route();
        ControlCommand shape = order.concludes()
                ? Aborts.conclude(sequence, 0, order.forced())
                : route == null ? Aborts.of(sequence, 0) : Aborts.reroute(sequence, 0, route(route));
        ControlCommand.Arguments arguments =
                route == null ? shape.arguments() : ControlCommand.Arguments.reroute(route(route), order.fromPrompt());
        send(order, withId(shape, new UUID(drawn.seed(), commands.size()), arguments), false);
    }

    /** What is not kept back, its client gets before a command comes. */
    private void letGo() {
        PlayedEngine serving = serving();
        if (drawn.holds() && drawn.settled() && serving != null && underWay() == null) {
            int tokens = Happened.tokens(serving.generated());
            until("what was kept back is let go", () -> isOver() || tokens < Entry.HOLD || readSoFar > 0);
        }
    }

    private static ControlCommand withId(ControlCommand shape, UUID id, ControlCommand.Arguments arguments) {
        return new ControlCommand(id, shape.sequence(), shape.action(), true, shape.cause(), shape.timing(), arguments);
    }

    private String route(String name) {
        return stage.lane() + drawn.suffix(name);
    }

    private void repeat() throws IOException {
        if (!commands.isEmpty()) {
            Waiting last = commands.get(commands.size() - 1);
            send(last.order, last.command, true);
        }
    }

    private void send(Order order, ControlCommand command, boolean repeats) throws IOException {
        Waiting sent = new Waiting(order, command, repeats, when(command.sequence()));
        stir(() -> commands.add(sent));
        stage.commands().send(command);
        if (drawn.settled()) {
            until("there is an outcome", () -> !sent.outcomes.isEmpty());
            // What the loop was told before, it has done when it answers.
            stage.barrier().send("GET /health HTTP/1.1\r\nHost: test\r\n\r\n");
            stage.barrier().readBody(stage.barrier().readHead());
        }
    }

    private When when(long sequence) {
        lock.lock();
        try {
            Told told = sequences.get(sequence);
            boolean waits =
                    commands.stream().anyMatch(command -> Long.valueOf(sequence).equals(continuedBy(command)));
            State state =
                    told != null ? told.ends.isEmpty() ? State.RUNS : State.ENDED : waits ? State.WAITS : State.NEVER;
            int tried = applied(false);
            int concluded = applied(true);
            PlayedEngine serving = serving();
            Told current = current();
            return new When(
                    state,
                    tried,
                    concluded,
                    underWay() != null,
                    current == null
                            ? ""
                            : current.start.route().substring(stage.lane().length()),
                    serving == null ? 0 : Happened.tokens(generated(serving)),
                    serving == null ? 0 : serving.said().size(),
                    engines.stream().anyMatch(engine -> engine.hasEnded() || engine.failed()),
                    serving != null && serving.hasEnded(),
                    readSoFar);
        } finally {
            lock.unlock();
        }
    }

    /** Commands that were to let the answer go on, behind a text that they bring or not. */
    private int applied(boolean concludes) {
        return (int) commands.stream()
                .filter(command -> continuedBy(command) != null && command.order.concludes() == concludes)
                .count();
    }

    // The end.

    /** Lets all engines that anybody waits for say what they have to say. */
    private void finish() throws IOException {
        need(0);
        while (!isOver()) {
            PlayedEngine last = engines.get(engines.size() - 1);
            PlayedEngine serving = serving();
            int known = engines.size();
            if (last.how() == null) {
                if (last.isClosed()) {
                    until("it is over", this::isOver);
                } else {
                    begin(last, How.STREAM, 1);
                }
            } else if (serving != null && serving.canSay()) {
                say(serving, 2, drawn.settled());
                if (serving.canSay()) {
                    end(serving, Ending.FINISH);
                }
            } else {
                until("it is over", () -> isOver() || engines.size() > known);
            }
        }
    }

    private void awaitEnds() {
        until("there are outcomes", this::hasAllOutcomes);
        until("it is known whether it came to its point", () -> commands.stream()
                .filter(command -> command.order.concludes() && command.isApplied())
                .allMatch(this::isKnownToConclude));
        until("nothing of an engine is open", () -> engines.stream().allMatch(PlayedEngine::isFree));
        until(
                "all sequences have ended",
                () -> haveSequencesEnded() && (engines.get(0).how() == null || !sequences.isEmpty()));
    }

    private boolean isKnownToConclude(Waiting command) {
        Told told = sequences.get(command.command.sequence());
        // A command may end the answer for the hub just when it goes on for the client; then it did come to its point.
        boolean wentOn =
                engines.stream().map(PlayedEngine::asked).anyMatch(engine -> engine.concludes() && engine.goesOn());
        return command.outcomes.size() > 1
                || (told != null && told.ends.stream().anyMatch(end -> wentOn || end.reason() == EndReason.CONCLUDED));
    }

    private boolean haveSequencesEnded() {
        return sequences.values().stream().noneMatch(told -> told.ends.isEmpty()) && underWay() == null;
    }

    /** An engine that broke off before it answered counts as down after a while: it is asked for something that it answers. */
    private void heal() throws IOException {
        for (PlayedEngine engine : engines) {
            if (engine.mayBeDown()) {
                try (Peer other = Peer.connect(stage.port())) {
                    String model = stage.lane() + engine.upstream();
                    other.post("/v1/completions", "{\"model\":\"" + model + "\",\"edistream\":{\"watch\":false}}");
                    other.readBody(other.readHead());
                }
            }
        }
    }

    private Happened happened() {
        lock.lock();
        try {
            byte[] bytes = read;
            return new Happened(
                    drawn,
                    engines.stream().map(PlayedEngine::asked).toList(),
                    commands.stream()
                            .map(command -> new Sent(
                                    command.order,
                                    command.command.id(),
                                    command.command.sequence(),
                                    command.repeats,
                                    command.when,
                                    List.copyOf(command.outcomes)))
                            .toList(),
                    left,
                    ClientSaw.of(bytes == null ? new byte[0] : bytes),
                    sequences.values().stream()
                            .map(told -> new Happened.Sequence(
                                    told.start, told.tokens.get(), List.copyOf(told.ends), List.copyOf(told.faults)))
                            .toList());
        } finally {
            lock.unlock();
        }
    }
}
