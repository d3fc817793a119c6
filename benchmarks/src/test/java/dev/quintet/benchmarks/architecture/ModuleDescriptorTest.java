package dev.quintet.benchmarks.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor.Provides;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The module descriptors, which nothing else here runs: tests and launcher use the class path.
class ModuleDescriptorTest {

  /// Required libraries without a descriptor; others on the class path are left out.
  private static final Set<String> AUTOMATIC =
      Set.of("jcuda", "jcublas", "xchart", "org.jline.terminal", "commons.math3");

  private static final String SERVICES = "META-INF/services/";

  @Test
  void theTrainerResolvesWithoutWhatOnlyTheAppNeeds() {
    Configuration trainer = resolved("dev.quintet.trainer");
    for (String used : List.of("core", "tokenizers", "models")) {
      assertTrue(trainer.findModule("dev.quintet." + used).isPresent(), used);
    }
    for (String other :
        List.of("info.picocli", "xchart", "commons.math3", "java.desktop", "jdk.compiler")) {
      assertTrue(trainer.findModule(other).isEmpty(), other);
      assertTrue(resolved("dev.quintet.app").findModule(other).isPresent(), other);
    }
  }

  @Test
  void coreFindsTheKernelsByTheirService() {
    assertTrue(
        ModuleLayer.boot()
            .configuration()
            .resolveAndBind(ModuleFinder.of(), finder(), Set.of("dev.quintet.core"))
            .findModule("dev.quintet.kernels")
            .isPresent());
  }

  private static Configuration resolved(String root) {
    return Configuration.empty().resolve(ModuleFinder.ofSystem(), finder(), Set.of(root));
  }

  private static ModuleFinder finder() {
    return ModuleFinder.of(
        modules().map(module -> Path.of(module.location().orElseThrow())).toArray(Path[]::new));
  }

  @Test
  void descriptorsAndServiceFilesNameTheSameProviders() throws IOException {
    for (ModuleReference module : modules().filter(ModuleDescriptorTest::ours).toList()) {
      Map<String, Set<String>> provided =
          module.descriptor().provides().stream()
              .collect(Collectors.toMap(Provides::service, p -> Set.copyOf(p.providers())));
      assertEquals(
          new TreeMap<>(provided), serviceFiles(module), module.descriptor().toNameAndVersion());
    }
  }

  private static Map<String, Set<String>> serviceFiles(ModuleReference module) throws IOException {
    var services = new TreeMap<String, Set<String>>();
    try (ModuleReader reader = module.open();
        Stream<String> entries = reader.list()) {
      for (String entry :
          entries.filter(e -> e.startsWith(SERVICES) && !e.endsWith("/")).toList()) {
        try (var file = reader.open(entry).orElseThrow()) {
          services.put(
              entry.substring(SERVICES.length()),
              new String(file.readAllBytes(), StandardCharsets.UTF_8)
                  .lines()
                  .map(String::strip)
                  .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                  .collect(Collectors.toSet()));
        }
      }
    }
    return services;
  }

  /// The project's modules and their libraries, found on the class path.
  private static Stream<ModuleReference> modules() {
    String separator = Pattern.quote(File.pathSeparator);
    return Pattern.compile(separator)
        .splitAsStream(System.getProperty("java.class.path"))
        .map(Path::of)
        .filter(Files::exists)
        .flatMap(entry -> ModuleFinder.of(entry).findAll().stream())
        .filter(ModuleDescriptorTest::required);
  }

  private static boolean required(ModuleReference module) {
    String name = module.descriptor().name();
    return !module.descriptor().isAutomatic() || AUTOMATIC.contains(name);
  }

  private static boolean ours(ModuleReference module) {
    return module.descriptor().name().startsWith("dev.quintet.");
  }
}
