package io.edistream.sequences;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** What a class says in the log. */
public final class Logged implements AutoCloseable {

    private final LoggerContext context = (LoggerContext) LogManager.getContext(false);
    private final Recorder recorder = new Recorder();
    private final String name;

    private Logged(Class<?> by) {
        name = by.getName();
        recorder.start();
        LoggerConfig config = new LoggerConfig(name, Level.INFO, false);
        config.addAppender(recorder, Level.INFO, null);
        context.getConfiguration().addLogger(name, config);
        context.updateLoggers();
    }

    /** From now on. */
    public static Logged by(Class<?> by) {
        return new Logged(by);
    }

    /** The lines so far. */
    public List<String> lines() {
        return List.copyOf(recorder.lines);
    }

    @Override
    public void close() {
        context.getConfiguration().removeLogger(name);
        context.updateLoggers();
    }

    private static final class Recorder extends AbstractAppender {

        private final List<String> lines = new CopyOnWriteArrayList<>();

        Recorder() {
            super("recorder", null, null, true, Property.EMPTY_ARRAY);
        }

        @Override
        public void append(LogEvent event) {
            lines.add(event.getMessage().getFormattedMessage());
        }
    }
}
