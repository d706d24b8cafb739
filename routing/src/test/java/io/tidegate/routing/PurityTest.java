package io.tidegate.routing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import org.junit.jupiter.api.Test;

/** What "pure" means for this module, as rules: the simulation is only worth as much as these hold. */
class PurityTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.tidegate.routing");

    /** The command table is data in this module's own jar; reading it once at start is its only input. */
    private static final String READS_ITS_OWN_TABLE = "io.tidegate.routing.command.TableFiles";

    @Test
    void doesNoInputOrOutput() {
        pure().and()
                .doNotHaveFullyQualifiedName(READS_ITS_OWN_TABLE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.io..", "java.net..", "java.nio.file..", "java.nio.channels..", "java.sql..")
                .check(CLASSES);
    }

    @Test
    void startsNoThreadAndWaitsForNone() {
        pure().should().dependOnClassesThat().areAssignableTo(Thread.class).check(CLASSES);
        pure().should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.util\\.concurrent\\.(?!atomic\\.).*")
                .check(CLASSES);
        pure().should().callMethod(Object.class, "wait").check(CLASSES);
    }

    @Test
    void readsNoClock() {
        pure().should().callMethod(System.class, "nanoTime").check(CLASSES);
        pure().should().callMethod(System.class, "currentTimeMillis").check(CLASSES);
        pure().should().dependOnClassesThat().resideInAnyPackage("java.time..").check(CLASSES);
    }

    @Test
    void drawsNoNumbersOfItsOwn() {
        pure().should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.util\\.(Random|SplittableRandom|UUID|random\\..*)|java\\.security\\..*")
                .check(CLASSES);
        pure().should().callMethod(Math.class, "random").check(CLASSES);
        pure().should()
                .callMethod(System.class, "identityHashCode", Object.class)
                .check(CLASSES);
    }

    @Test
    void writesNoLog() {
        pure().should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.slf4j..", "java.util.logging..", "java.lang.System$Logger")
                .check(CLASSES);
        pure().should().accessField(System.class, "out").check(CLASSES);
        pure().should().accessField(System.class, "err").check(CLASSES);
    }

    @Test
    void knowsNothingButTheJdkAndItself() {
        pure().should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("java..", "org.jspecify..", "io.tidegate.routing..")
                .check(CLASSES);
    }

    private static GivenClassesConjunction pure() {
        return noClasses().that().resideInAPackage("io.tidegate.routing..");
    }
}
