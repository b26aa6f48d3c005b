package io.edistream.signals;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.edistream");

    @Test
    void dependsOnTheJdkAlone() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.edistream.signals..", "java..", "org.jspecify.annotations")
                .check(MODULE);
    }

    @Test
    void batchScoresShareNoComputationWithTheStreamingOnes() {
        classes()
                .that()
                .resideInAPackage("..batch..")
                .should()
                .onlyDependOnClassesThat()
                .doNotBelongToAnyOf(Catalogue.class, SequenceSignals.class, Track.class, TokenWindow.class)
                .check(MODULE);
    }
}
