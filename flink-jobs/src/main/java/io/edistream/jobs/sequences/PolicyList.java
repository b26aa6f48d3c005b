package io.edistream.jobs.sequences;

import io.edistream.signals.monitor.Policy;
import io.edistream.signals.monitor.PolicyCodec;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** Policies that can be shipped to task managers: by their codec, since policies themselves know nothing of Java's. */
final class PolicyList implements Serializable {

    private transient List<Policy> policies;

    PolicyList(List<Policy> policies) {
        this.policies = List.copyOf(policies);
    }

    List<Policy> list() {
        return policies;
    }

    /**
     * @throws IOException if there is no such policy
     */
    Policy get(int index) throws IOException {
        if (index >= policies.size()) {
            throw new IOException("stored sequence names policy " + index + " of " + policies.size());
        }
        return policies.get(index);
    }

    int indexOf(Policy policy) {
        int index = policies.indexOf(policy);
        if (index < 0) {
            throw new IllegalStateException("a sequence has a policy that its serializer does not know: " + policy);
        }
        return index;
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        out.writeInt(policies.size());
        for (Policy policy : policies) {
            PolicyCodec.write(policy, out);
        }
    }

    private void readObject(ObjectInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0) {
            throw new InvalidObjectException("list of " + count + " policies");
        }
        List<Policy> read = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            read.add(PolicyCodec.read(in));
        }
        policies = List.copyOf(read);
    }
}
