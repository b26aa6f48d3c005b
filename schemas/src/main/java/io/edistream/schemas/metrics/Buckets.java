package io.edistream.schemas.metrics;

import java.util.List;

/** Bounds of buckets that several metrics share, so that they can be laid beside each other. */
final class Buckets {

    static final List<Double> REACTION_TOKENS = List.of(0d, 1d, 2d, 3d, 4d, 6d, 8d, 12d, 16d, 24d, 32d, 64d, 128d);
    static final List<Double> REACTION_SECONDS =
            List.of(.001, .002, .004, .008, .016, .032, .064, .128, .256, .512, 1d, 2d, 4d, 8d);

    static final List<Double> SEQUENCE_TOKENS =
            List.of(8d, 16d, 32d, 64d, 128d, 256d, 512d, 1024d, 2048d, 4096d, 8192d, 16_384d, 32_768d);

    /** Those of OpenTelemetry's conventions for models. */
    static final List<Double> GATEWAY_SECONDS =
            List.of(.001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1d, 2.5, 5d, 7.5, 10d);

    private Buckets() {}
}
