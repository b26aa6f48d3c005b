package io.edistream.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AccessLogTest {

    @Test
    void aReaderThatTakesNothingDelaysNobodyAndHearsWhatItMissed() throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch taken = new CountDownLatch(1);
        StringWriter kept = new StringWriter();
        Writer slow = new Writer() {
            @Override
            public void write(char[] characters, int offset, int length) {
                written.countDown();
                try {
                    taken.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                kept.write(characters, offset, length);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        try (AccessLog log = new AccessLog(new PrintWriter(slow))) {
            log.add(AccessLog.line().put("n", 0));
            written.await();
            for (int line = 1; line <= AccessLog.MAX_WAITING + 3; line++) {
                log.add(AccessLog.line().put("n", line));
            }
            taken.countDown();
            while (kept.toString().lines().count() < AccessLog.MAX_WAITING + 1) {
                Thread.onSpinWait();
            }
        }
        assertThat(kept.toString().lines().skip(1).findFirst()).hasValue("{\"n\":1,\"lines_left_out_before\":3}");
        assertThat(kept.toString().lines().skip(2).findFirst()).hasValue("{\"n\":2}");
    }
}
