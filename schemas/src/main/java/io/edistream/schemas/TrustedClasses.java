package io.edistream.schemas;

import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/**
 * Avro creates only objects of classes that it was told to trust. The contract's own are trusted here, in addition to
 * whatever the JVM trusts already, so that no program that uses them needs a system property.
 */
final class TrustedClasses {

    private TrustedClasses() {}

    /** Trusts the contract's generated classes from now on. */
    static void trustContract() {
        ClassSecurityPredicate before = ClassSecurityValidator.getGlobal();
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(before, TrustedClasses::isOfContract));
    }

    private static boolean isOfContract(Class<?> type) {
        return type.getPackageName().equals(TrustedClasses.class.getPackageName());
    }
}
