package io.edistream.cli.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.Await;
import io.edistream.cli.CommandRun;
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
final class RunningCommands implements AutoCloseable {

    private static final Pattern BASE = Pattern.compile("base URL (http://[^/]+)/v1");
    private static final Pattern METRICS = Pattern.compile("metrics at (http://[^/]+)/metrics");

    private final List<Running> running = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** One of them. */
    record Running(CommandRun run, Thread thread, CompletableFuture<Integer> exit) {

        /** Stops it as Ctrl-C does, and returns its exit code. */
        int stop() throws Exception {
            thread.interrupt();
            return exit.get(60, TimeUnit.SECONDS);
        }
    }

    /** Starts a job, and returns when it reads. */
    Running job(String options) throws Exception {
        Running job = start(("job --metrics 127.0.0.1:0 " + options).split(" "));
        String health = found(METRICS, job) + "/readyz";
        Await.until(() -> get(health).statusCode() == 200);
        return job;
    }

    /** Starts a gateway. */
    Running gateway(String... options) {
        List<String> arguments = new ArrayList<>(List.of("gateway"));
        arguments.addAll(List.of(options));
        return start(arguments.toArray(String[]::new));
    }

    private Running start(String... arguments) {
        CommandRun run = new CommandRun();
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        Running started = new Running(run, new Thread(() -> exit.complete(run.execute(arguments))), exit);
        running.add(started);
        started.thread().start();
        return started;
    }

    /** Where a gateway listens, when it does. */
    static String url(Running gateway) throws Exception {
        return found(BASE, gateway);
    }

    private static String found(Pattern pattern, Running in) throws Exception {
        Await.until(() -> in.exit().isDone() || pattern.matcher(in.run().err()).find());
        Matcher matcher = pattern.matcher(in.run().err());
        assertThat(matcher.find()).as(in.run().err()).isTrue();
        return matcher.group(1);
    }

    HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A stream of a gateway's, as it begins. */
    CompletableFuture<HttpResponse<String>> chat(String gateway, String body) {
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
