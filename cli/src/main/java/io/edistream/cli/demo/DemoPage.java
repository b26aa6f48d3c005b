package io.edistream.cli.demo;

import io.edistream.cli.job.JobPage;
import io.edistream.http.ProcessState;
import io.edistream.http.RegistryScrape;
import io.edistream.http.Scrape;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of the demo's generator with control and of its job, one after the other, in the classic text; it is ready
 * while sequences are decoded with control.
 */
final class DemoPage implements Scrape, ProcessState, AutoCloseable {

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final RegistryScrape generator = new RegistryScrape(registry);
    private final String format = generator.format(null);
    private final JobPage job;
    private volatile boolean controls;

    DemoPage(String release) {
        this.job = new JobPage(release);
    }

    /** Where the generator registers its metrics. */
    PrometheusRegistry registry() {
        return registry;
    }

    /** The job's part. */
    JobPage job() {
        return job;
    }

    /** The loop is closed, or open again. */
    void controls(boolean now) {
        controls = now;
    }

    @Override
    public String format(@Nullable String accept) {
        return format;
    }

    @Override
    public byte[] render(String asked) {
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        page.writeBytes(generator.render(format));
        page.writeBytes(job.render(format));
        return page.toByteArray();
    }

    @Override
    public boolean isAlive() {
        return true;
    }

    @Override
    public List<Check> checks() {
        boolean now = controls;
        return List.of(new Check("loop", now, now ? "sequences are decoded with control" : "being started, or over"));
    }

    @Override
    public void close() {
        job.close();
    }
}
