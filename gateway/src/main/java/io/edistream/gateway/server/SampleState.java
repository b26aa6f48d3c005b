package io.edistream.gateway.server;

/** What has become of a sample. */
enum SampleState {
    RUNNING,
    /** It has all that it would ever have had. */
    FINISHED,
    /** A command ended it. */
    ENDED,
    /** Its upstream did. */
    FAILED,
    /** It was among the weakest. */
    PRUNED,
    /** The vote needed no more of it, or nobody waits for it. */
    UNNEEDED
}
