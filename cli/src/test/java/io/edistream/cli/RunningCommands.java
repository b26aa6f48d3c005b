package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Commands that run until they are stopped, each on a thread of its own, and what they answer. */
public final class RunningCommands implements AutoCloseable {

    private static final Pattern BASE = Pattern.compile("base URL (http://[^/]+)/v1");
    private static final Pattern METRICS = Pattern.compile("metrics at (http://[^/]+)/metrics");

    private final List<Running> running = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** One of them. */
    public record Running(CommandRun run, Thread thread, CompletableFuture<Integer> exit) {

        /** Stops it as Ctrl-C does, and returns its exit code. */
        public int stop() throws Exception {
            thread.interrupt();
            return exit.get(60, TimeUnit.SECONDS);
        }
    }

    /** Starts a job, and returns when it reads. */
    public Running job(String options) throws Exception {
        Running job = start(("job --metrics 127.0.0.1:0 " + options).split(" "));
        String health = found(METRICS, job) + "/readyz";
        Await.until(() -> get(health).statusCode() == 200);
        return job;
    }

    /** Starts a gateway. */
    public Running gateway(String... options) {
        List<String> arguments = new ArrayList<>(List.of("gateway"));
        arguments.addAll(List.of(options));
        return start(arguments.toArray(String[]::new));
    }

    /** Starts a command. */
    public Running start(String... arguments) {
        CommandRun run = new CommandRun();
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        Running started = new Running(run, new Thread(() -> exit.complete(run.execute(arguments))), exit);
        running.add(started);
        started.thread().start();
        return started;
    }

    /** Where a gateway, or what serves a model, listens, when it does. */
    public static String url(Running gateway) throws Exception {
        return found(BASE, gateway);
    }

    private static String found(Pattern pattern, Running in) throws Exception {
        Await.until(() -> in.exit().isDone() || pattern.matcher(in.run().err()).find());
        Matcher matcher = pattern.matcher(in.run().err());
        assertThat(matcher.find()).as(in.run().err()).isTrue();
        return matcher.group(1);
    }

    public HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A stream of a gateway's, as it begins. */
    public CompletableFuture<HttpResponse<String>> chat(String gateway, String body) {
        return http.sendAsync(
                HttpRequest.newBuilder(URI.create(gateway + "/v1/chat/completions"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        running.forEach(each -> each.thread().interrupt());
        for (Running each : running) {
            int unused = each.exit().orTimeout(60, TimeUnit.SECONDS).join();
        }
    }
}
