package io.edistream.embedded;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    @Test
    void knowsKafkaAndFlinkAndTheContractButNoJobAndNoGenerator() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "org.jspecify.annotations",
                        "org.slf4j",
                        "org.apache.kafka..",
                        "kafka..",
                        "scala..",
                        "org.apache.flink..",
                        "io.edistream.schemas",
                        "io.edistream.embedded")
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.edistream.embedded"));
    }
}
