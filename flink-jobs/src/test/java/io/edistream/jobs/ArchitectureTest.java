package io.edistream.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.functions.Function;
import org.apache.flink.streaming.api.operators.StreamOperator;
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
    void whatIsWatchedIsPlainJava() {
        noClasses()
                .that()
                .resideInAPackage("io.edistream.jobs.watch..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.flink..", "org.apache.kafka..")
                .check(MODULE);
    }

    /** Whoever extends a class of Flink's operators or functions is told of records, timers and snapshots by Flink. */
    @Test
    void flinkEndsAtOneSmallOperator() throws IOException {
        List<JavaClass> hosted = MODULE.stream()
                .filter(type -> type.getPackageName().startsWith("io.edistream.jobs.sequences"))
                .filter(type -> type.isAssignableTo(StreamOperator.class) || type.isAssignableTo(Function.class))
                .toList();
        assertThat(hosted).extracting(JavaClass::getSimpleName).containsExactly("SequenceOperator");
        Path source = Path.of("src/main/java", hosted.get(0).getName().replace('.', '/') + ".java");
        assertThat(Files.readAllLines(source)).hasSizeLessThan(200);
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
