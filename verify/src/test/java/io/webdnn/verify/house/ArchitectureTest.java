package io.webdnn.verify.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.webdnn.compiler.Program;
import io.webdnn.graph.op.Lowering;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which room may see which: the arrows of the architecture, read from the compiled classes.
class ArchitectureTest {
    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.webdnn");
        for (var module :
                List.of("tensor", "graph", "compiler", "train", "importer", "runtime", "cli")) {
            assertThat(classes)
                    .as("classes of " + module)
                    .anyMatch(it -> it.getPackageName().startsWith("io.webdnn." + module));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tensor, graph|compiler|train|importer|runtime|cli|verify",
        "graph, compiler|train|importer|runtime|cli|verify",
        "compiler, train|importer|runtime|cli|verify",
        "train, importer|runtime|cli|verify",
        "importer, compiler|train|runtime|cli|verify",
        "runtime, tensor|graph|compiler|train|importer|cli|verify",
        "cli, verify"
    })
    void modulesDependOneWay(String module, String unseen) {
        noClasses()
                .that()
                .resideInAPackage("io.webdnn." + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        List.of(unseen.split("\\|")).stream()
                                .map(name -> "io.webdnn." + name + "..")
                                .toArray(String[]::new))
                .check(classes);
    }

    @Test
    void onlyTheKernelsUseTheVectorApi() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.webdnn.tensor.kernel..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..")
                .check(classes);
    }

    @Test
    void whatComesAfterLoweringSeesNoOperator() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.webdnn.compiler.fuse..",
                        "io.webdnn.compiler.schedule..",
                        "io.webdnn.compiler.loop..",
                        "io.webdnn.compiler.emit..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.webdnn.graph.op..")
                                .and(DescribedPredicate.not(isOneOf(lowerings()))))
                .check(classes);
    }

    @Test
    void theLoopIrKnowsNoGraphAndNoTarget() {
        noClasses()
                .that()
                .resideInAPackage("io.webdnn.compiler.loop..")
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(
                                "io.webdnn.graph",
                                "io.webdnn.graph.op..",
                                "io.webdnn.graph.pass..",
                                "io.webdnn.graph.gradient..",
                                "io.webdnn.graph.interpret..",
                                "io.webdnn.compiler",
                                "io.webdnn.compiler.fuse..",
                                "io.webdnn.compiler.lower..",
                                "io.webdnn.compiler.schedule..",
                                "io.webdnn.compiler.emit.."))
                .check(classes);
    }

    @Test
    void noEmitterSeesAnother() {
        slices().matching("io.webdnn.compiler.emit.(*)..")
                .should()
                .notDependOnEachOther()
                .check(classes);
    }

    @Test
    void trainingSeesOfTheCompilerOnlyPrograms() {
        noClasses()
                .that()
                .resideInAPackage("io.webdnn.train..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.webdnn.compiler..")
                                .and(DescribedPredicate.not(belongToAnyOf(Program.class))))
                .check(classes);
    }

    @Test
    void graphKnowsNoFileAndNoNetwork() {
        noClasses()
                .that()
                .resideInAPackage("io.webdnn.graph..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "java.net..")
                .check(classes);
    }

    /// `Lowering`, its kinds, and whatever is nested in them.
    private static Set<Class<?>> lowerings() {
        var found = new HashSet<Class<?>>();
        addWithNested(Lowering.class, found);
        for (var kind : Lowering.class.getPermittedSubclasses()) {
            addWithNested(kind, found);
        }
        return found;
    }

    private static void addWithNested(Class<?> type, Set<Class<?>> found) {
        found.add(type);
        for (var nested : type.getDeclaredClasses()) {
            addWithNested(nested, found);
        }
    }

    private static DescribedPredicate<JavaClass> isOneOf(Set<Class<?>> types) {
        return DescribedPredicate.describe(
                "a lowering", it -> types.stream().anyMatch(it::isEquivalentTo));
    }
}
