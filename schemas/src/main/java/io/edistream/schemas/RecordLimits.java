package io.edistream.schemas;

/**
 * How large a record may be and how many are read at a time, so that readers fit their heaps whatever somebody wrote.
 *
 * <p>A consumer expands what was compressed without any limit: 300 MB of zeros are a small record. So a broker (4.2 or
 * newer) must be told to refuse a record that expands to more than {@link #MAX_RECORD_BYTES}, by the setting
 * {@link #SETTING} of the topic. A batch of many records below that limit passes, 1,500 of a megabyte in 200 kB; so a
 * consumer also takes no more than {@link #MAX_POLL_RECORDS} at a time.
 */
public final class RecordLimits {

    /** The setting of a topic by which the broker refuses larger records. */
    public static final String SETTING = "max.decompressed.message.bytes";

    /** The most bytes that a record may expand to, 1 MiB. */
    public static final int MAX_RECORD_BYTES = 1 << 20;

    /** The most bytes of a record that a source makes: what Kafka puts around it fits below {@link #MAX_RECORD_BYTES}. */
    public static final int MAX_SOURCE_BYTES = 900_000;

    /**
     * The most tokens of a record. Unmeasured tokens take next to no bytes, so that their number needs a bound of its own;
     * measured ones reach the bound in bytes long before.
     */
    public static final int MAX_TOKENS = 1 << 18;

    /** The most characters of the name of a model, a route or a request. */
    public static final int MAX_NAME_CHARACTERS = 256;

    /** The most characters of a prompt or of a generated text: in UTF-8 at most 786,432 bytes, so that one fits a record. */
    public static final int MAX_TEXT_CHARACTERS = 1 << 18;

    /**
     * The most records that a consumer hands out at a time, its {@code max.poll.records}: together at most 20 MiB. Flink's
     * source holds up to four such portions per task (two in its queue, one on either side of it), 80 MiB.
     */
    public static final int MAX_POLL_RECORDS = 20;

    private RecordLimits() {}
}
