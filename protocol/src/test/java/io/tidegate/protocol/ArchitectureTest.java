package io.tidegate.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("io.tidegate.protocol");

    @Test
    void dependsOnBuffersOnly() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.tidegate.protocol",
                        "java.lang..",
                        "java.util..",
                        "java.nio.charset",
                        "io.netty.buffer",
                        "io.netty.util",
                        "org.jspecify.annotations")
                .because("the protocol knows no connections, topology or threads")
                .check(CLASSES);
    }

    @Test
    void isOnePackage() {
        classes().should().resideInAPackage("io.tidegate.protocol").check(CLASSES);
    }

    @Test
    void hasNoClockAndNoThread() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..", "java.time..", "java.util.logging..")
                .because("a scanner is a function of the bytes it is given")
                .check(CLASSES);
    }
}
