package dev.quintet.benchmarks.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The rules of the house that a compiler does not hold. They stand here because this module alone
/// sees all the others.
class ArchitectureTest {

  private static final String ROOT = "dev.quintet.";

  private static final List<String> MODULES =
      List.of("core", "kernels", "tokenizers", "models", "trainer", "app", "benchmarks");

  /// Who may know whom at compile time.
  private static final Map<String, Set<String>> MAY_USE =
      Map.of(
          "core", Set.of(),
          "kernels", Set.of("core"),
          "tokenizers", Set.of(),
          "models", Set.of("core", "tokenizers"),
          "trainer", Set.of("core", "tokenizers", "models"),
          "app", Set.of("core", "tokenizers", "models", "trainer"));

  /// One room with three cupboards: operations, the tensors they make and the tape they write.
  private static final Set<String> TENSOR_ROOM = Set.of("tensor", "op", "autograd");

  /// Results of these depend on whether C2 has compiled the caller.
  private static final Set<String> UNSPECIFIED_FUNCTIONS =
      Set.of(
          "EXP", "EXPM1", "LOG", "LOG1P", "LOG10", "POW", "CBRT", "HYPOT", "SIN", "COS", "TAN",
          "SINH", "COSH", "TANH", "ASIN", "ACOS", "ATAN", "ATAN2");

  private static final Set<String> FLOATING_VECTORS =
      Set.of("jdk.incubator.vector.FloatVector", "jdk.incubator.vector.DoubleVector");

  private static final JavaClasses PROJECT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.quintet");

  @ParameterizedTest
  @ValueSource(strings = {"core", "kernels", "tokenizers", "models", "trainer", "app"})
  void modulesUseOnlyWhatTheTableAllows(String module) {
    String[] forbidden =
        MODULES.stream()
            .filter(other -> !other.equals(module))
            .filter(other -> !MAY_USE.getOrDefault(module, Set.of()).contains(other))
            .map(other -> ROOT + other + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden)
        .allowEmptyShould(true)
        .check(PROJECT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"core", "kernels", "tokenizers", "models", "trainer", "app", "benchmarks"})
  void packagesOfAModuleHaveNoCycles(String module) {
    slices()
        .assignedFrom(new PackagesOf(module))
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(PROJECT);
  }

  @Test
  void onlyLanesReducesFloatingPointLanes() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.quintet.core.cpu.lane.Lanes")
        .should()
        .callMethodWhere(
            describe(
                "the target is reduceLanes of a floating-point vector",
                call ->
                    call.getTarget().getName().startsWith("reduceLanes")
                        && FLOATING_VECTORS.contains(call.getTargetOwner().getName())))
        .because("the order of additions changes when C2 compiles the method")
        .allowEmptyShould(true)
        .check(PROJECT);
  }

  @Test
  void nobodyUsesVectorFunctionsWithUnspecifiedResults() {
    noClasses()
        .should()
        .accessFieldWhere(
            describe("the target is a function without a specified result", this::unspecified))
        .because("their results change when C2 compiles the method")
        .allowEmptyShould(true)
        .check(PROJECT);
  }

  @Test
  void everyPackageSaysWhatItIsAndIsNullMarked() {
    classes()
        .that()
        .resideOutsideOfPackage(ROOT + "benchmarks..")
        .and()
        .doNotHaveSimpleName("module-info")
        .should(new StandInANullMarkedPackage())
        .allowEmptyShould(true)
        .check(PROJECT);
  }

  private boolean unspecified(JavaAccess<?> access) {
    return access.getTargetOwner().getName().equals("jdk.incubator.vector.VectorOperators")
        && UNSPECIFIED_FUNCTIONS.contains(access.getTarget().getName());
  }

  /// Assigns each class of a module to its package below the module's.
  private record PackagesOf(String module) implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      String prefix = ROOT + module + ".";
      String place = type.getPackageName() + ".";
      if (!place.startsWith(prefix)) {
        return SliceIdentifier.ignore();
      }
      String room = place.substring(prefix.length()).replaceFirst("\\.$", "");
      if (module.equals("core") && TENSOR_ROOM.contains(room)) {
        room = String.join("+", TENSOR_ROOM.stream().sorted().toList());
      }
      return SliceIdentifier.of(module, room);
    }

    @Override
    public String getDescription() {
      return "packages of " + module;
    }
  }

  private static final class StandInANullMarkedPackage extends ArchCondition<JavaClass> {

    StandInANullMarkedPackage() {
      super("stand in a package whose package-info is @NullMarked");
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
      boolean marked =
          type.getPackage()
              .tryGetPackageInfo()
              .map(info -> info.isAnnotatedWith(NullMarked.class))
              .orElse(false);
      if (!marked) {
        events.add(
            SimpleConditionEvent.violated(
                type, type.getName() + " stands in a package without a @NullMarked package-info"));
      }
    }
  }
}
