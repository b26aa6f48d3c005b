package io.edistream.sequences;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.edistream.sequences");

    @Test
    void onlyTheKafkaPackageKnowsKafkaAndAvro() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..kafka..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "org.apache.avro..", "io.edistream.schemas")
                .check(CLASSES);
    }

    @Test
    void nothingKnowsAnEngineOrTheJobs() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "ai.djl..", "io.edistream.generator..", "io.edistream.signals..", "org.apache.flink..")
                .check(CLASSES);
    }

    @Test
    void whatASequenceIsKnowsNothingOfWhatHandlesIt() {
        noClasses()
                .that()
                .resideInAPackage("io.edistream.sequences")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.edistream.sequences.*..")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.edistream.sequences.(*)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }
}
