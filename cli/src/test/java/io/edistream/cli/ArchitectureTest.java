package io.edistream.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.edistream.cli");

    @Test
    void scoringNeedsNoService() {
        noClasses()
                .that()
                .resideInAPackage("..cli.score..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.kafka..",
                        "org.apache.flink..",
                        "ai.djl..",
                        "io.edistream.generator..",
                        "io.edistream.jobs..",
                        "io.edistream.embedded..")
                .check(MODULE);
    }
}
