package io.edistream.generator.torch;

import ai.djl.util.Utils;
import java.nio.file.Files;
import java.nio.file.Path;

/** Settings that DJL reads from system properties when its engine is loaded. Values that are set already win. */
final class TorchRuntime {

    private TorchRuntime() {}

    /**
     * To be called before anything of DJL.
     *
     * @throws ModelFolderException if DJL could not unpack its native libraries
     */
    static void prepare() {
        // Natives come from the class path; nothing is downloaded and nobody is told.
        setDefault("ai.djl.offline", "true");
        setDefault("OPT_OUT_TRACKING", "true");
        // The profiling executor recompiles for every new shape, and here every step may have one.
        setDefault("ai.djl.pytorch.graph_optimizer", "false");
        requireWritable(Utils.getCacheDir());
    }

    /** What DJL says of this is a library that cannot be loaded. */
    static void requireWritable(Path cache) {
        Path existing = cache.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
            throw new ModelFolderException("DJL cannot unpack its native libraries into " + cache + ": " + existing
                    + " must be a folder that can be written to; the variable DJL_CACHE_DIR names another one");
        }
    }

    /** To be called before the first model is loaded: the engine reads its threads once for the whole process. */
    static void prepareEngine(int threads) {
        prepare();
        setDefault("ai.djl.pytorch.num_threads", Integer.toString(threads));
        setDefault("ai.djl.pytorch.num_interop_threads", "1");
    }

    private static void setDefault(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
