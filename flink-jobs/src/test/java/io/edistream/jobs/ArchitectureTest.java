package io.edistream.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.edistream.jobs");

    @Test
    void kafkaIsKnownAtTheEdgesAlone() {
        classes()
                .that()
                .resideInAPackage("io.edistream.jobs.sequences..")
                .should()
                .onlyDependOnClassesThat()
                .resideOutsideOfPackages("org.apache.kafka..", "org.apache.flink.connector..")
                .check(MODULE);
    }

    @Test
    void nothingReadsAClockOrRollsDice() {
        noClasses()
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Random.class)
                .check(MODULE);
    }

    @Test
    void generatorAndJobMeetOnlyInKafka() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.edistream.generator..", "io.edistream.embedded..", "io.edistream.cli..")
                .check(MODULE);
    }
}
