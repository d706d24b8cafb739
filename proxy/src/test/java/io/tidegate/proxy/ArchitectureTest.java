package io.tidegate.proxy;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The arrows between the packages of this module. What protocol and routing may know is tested there. */
class ArchitectureTest {
    private static final String ROOT = "io.tidegate.proxy";

    /** From the outside in: a package knows those behind it in this list and none before it. */
    private static final List<String> INWARDS = List.of(
            "cli", // commands; the only one that knows it all
            "admin", // HTTP for operators
            "control", // who is primary, and what that is known from
            "downstream", // clients
            "facade", // clients that look for a sentinel
            "answers", // what the proxy says itself
            "dispatch", // from a frame to its reply
            "request", // what its words say
            "scripts", // sources, and what they say of themselves
            "pubsub", // subscriptions of many over one connection
            "upstream", // connections to servers
            "signals", // what the planes tell one another
            "tls", // certificates, and their handlers
            "loop", // what all that runs on an event loop shares
            "metrics", // what is counted
            "config", // what was asked for
            "local"); // servers for the demo and for tests

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    /** What puts the packages together stands in the root, beside small things that know none of them (the clock). */
    private static final DescribedPredicate<JavaClass> COMPOSITION = describe(
            "put the packages together",
            javaClass -> javaClass.getPackageName().equals(ROOT)
                    && javaClass.getDirectDependenciesFromSelf().stream()
                            .map(Dependency::getTargetClass)
                            .anyMatch(ArchitectureTest::isInSubpackage));

    @Test
    void everyPackageHasItsPlace() {
        assertThat(CLASSES.stream()
                        .filter(ArchitectureTest::isInSubpackage)
                        .map(javaClass -> javaClass.getPackageName().substring(ROOT.length() + 1))
                        .map(name -> name.replaceFirst("\\..*", "")))
                .as("packages; a new one gets a line in INWARDS")
                .isSubsetOf(INWARDS);
    }

    @Test
    void arrowsPointInwards() {
        for (int i = 1; i < INWARDS.size(); i++) {
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + "." + INWARDS.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(INWARDS.subList(0, i).stream()
                            .map(name -> ROOT + "." + name + "..")
                            .toArray(String[]::new))
                    .allowEmptyShould(true)
                    .check(CLASSES);
        }
    }

    @Test
    void onlyTheCommandLineKnowsTheComposition() {
        classes()
                .that(COMPOSITION)
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAnyPackage(ROOT, ROOT + ".cli..")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void nobodyWhoForwardsKnowsWhatIsAnswered() {
        classes()
                .that()
                .resideInAPackage(ROOT + ".answers..")
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAnyPackage(ROOT, ROOT + ".answers..")
                .because("dispatch asks an Answerer, which it is given")
                .check(CLASSES);
    }

    @Test
    void thePlanesMeetInSignalsOnly() {
        String[] dataPlane = Stream.of("downstream", "facade", "answers", "dispatch", "pubsub", "upstream")
                .map(name -> ROOT + "." + name + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".control..", ROOT + ".admin..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(dataPlane)
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAnyPackage(dataPlane)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + ".control..", ROOT + ".admin..")
                .check(CLASSES);
    }

    @Test
    void noPackagesGoRoundInCircles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void theDataPlaneNeverWaitsForAServer() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".control..", ROOT + ".cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.lettuce..", "reactor..")
                .because("Lettuce is the control plane's; clients are served from the event loop's own connections")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".local..", ROOT + ".cli..", ROOT)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".local..")
                .because("its client blocks")
                .check(CLASSES);
    }

    private static boolean isInSubpackage(JavaClass javaClass) {
        return javaClass.getPackageName().startsWith(ROOT + ".");
    }
}
