package io.edistream.generator.torch;

/** Settings that DJL reads from system properties when its engine is loaded. Values that are set already win. */
final class TorchRuntime {

    private TorchRuntime() {}

    /** To be called before anything of DJL. */
    static void prepare() {
        // Natives come from the class path; nothing is downloaded and nobody is told.
        setDefault("ai.djl.offline", "true");
        setDefault("OPT_OUT_TRACKING", "true");
        // The profiling executor recompiles for every new shape, and here every step may have one.
        setDefault("ai.djl.pytorch.graph_optimizer", "false");
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
