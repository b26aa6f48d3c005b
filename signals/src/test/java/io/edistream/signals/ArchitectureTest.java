package io.edistream.signals;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.edistream");

    /** What {@link Math} may compute with another last bit on another machine or compiler, unlike {@link StrictMath}. */
    private static final Set<String> INEXACT = Set.of(
            "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "exp", "expm1", "log",
            "log10", "log1p", "pow", "cbrt", "hypot");

    private static final Set<String> CONFIGURATION = Set.of(
            "Scoring", "Token", "SpikeCount", "LargestWindowedEntropy", "LowestGroupConfidence", "TailConfidence");

    @Test
    void scoresAreTheSameOnEveryMachine() {
        noClasses()
                .should()
                .callMethodWhere(describe(
                        "Math computes with a tolerance",
                        call -> call.getTargetOwner().isEquivalentTo(Math.class) && INEXACT.contains(call.getName())))
                .check(MODULE);
    }

    @Test
    void dependsOnTheJdkAlone() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.edistream.signals..", "java..", "org.jspecify.annotations")
                .check(MODULE);
    }

    /** Of the streaming signals it may know what is configured, and nothing that computes. */
    @Test
    void batchScoresShareNoComputationWithTheStreamingOnes() {
        noClasses()
                .that()
                .resideInAPackage("..batch..")
                .should()
                .dependOnClassesThat(describe(
                        "compute while tokens stream",
                        type -> type.getPackageName().equals("io.edistream.signals")
                                && !CONFIGURATION.contains(type.getSimpleName())))
                .orShould()
                .callMethodWhere(describe(
                        "something is computed",
                        call -> call.getTargetOwner().isAssignableTo(Signal.class)
                                && Set.of("newAccumulator", "score").contains(call.getName())))
                .check(MODULE);
    }
}
