package io.edistream.signals;

/** Which tokens a measured signal takes in. */
public enum Measurement {
    /** Those with an entropy; its T and its windows count these. */
    ENTROPY,
    /** Those with a confidence. */
    CONFIDENCE,
    /** All of them, measured or not. */
    ANY
}
