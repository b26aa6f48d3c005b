package io.edistream.benchmarks.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What another JVM holds, by {@code jcmd}, which collects its garbage first.
 *
 * @param heapBytes of objects that are reachable
 * @param directBytes outside the heap, of buffers; the JVM must have been started with {@code -XX:NativeMemoryTracking=summary}
 */
record JvmMemory(long heapBytes, long directBytes) {

    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");
    private static final Pattern OTHER = Pattern.compile("Other \\(reserved=\\d+KB, committed=(\\d+)KB\\)");

    /** Looks at one. */
    static JvmMemory of(long pid) throws IOException, InterruptedException {
        return new JvmMemory(
                number(TOTAL, jcmd(pid, "GC.class_histogram")),
                1024 * number(OTHER, jcmd(pid, "VM.native_memory", "summary", "scale=KB")));
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("jcmd said nothing like " + pattern + ": " + text);
        }
        return Long.parseLong(matcher.group(1));
    }

    private static String jcmd(long pid, String... arguments) throws IOException, InterruptedException {
        String[] command = new String[2 + arguments.length];
        command[0] = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        command[1] = Long.toString(pid);
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return said;
    }
}
