package dev.quintet.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlierTest {
  private static final Contest DONE =
      Example.contest("960x96x96", Example.side("quintet", "Quintet", 1, 2, 3));
  private static final Report BEGUN =
      Example.report(
              DONE, Example.contest("4096x512x512", Example.missing("quintet", "Quintet", "died")))
          .with(List.of(DONE), false);

  @TempDir private Path folder = Path.of("");

  @Test
  void rowsThatWereMeasuredStayAndOthersAreMeasured() {
    var machine = new Machine(BEGUN.machine(), new Roof(2, 2e11, 5e11, 3e10, 5e10));
    Report goesOn = new Earlier(Path.of("x.json"), BEGUN).goingOn(machine);
    assertEquals(List.of(DONE), goesOn.contests());
    assertEquals(5e11, goesOn.roof().flops());
    assertEquals(6e10, goesOn.roof().bytes());
    List<Catalog.Pairing> rows =
        Catalog.all()
            .matching(List.of("MatmulBenchmark"), List.of("Cuda"))
            .pairings(
                Preset.QUICK,
                name ->
                    name.equals("layer")
                        ? Optional.of(List.of("960x96x96", "4096x512x512"))
                        : Optional.of(List.of("forward")));
    // whose other parameter the example lacks
    assertTrue(rows.stream().noneMatch(row -> Earlier.has(goesOn, row)));
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("layer", "960x96x96");
    Catalog.Pairing same = rows.getFirst();
    assertTrue(
        Earlier.has(
            goesOn,
            new Catalog.Pairing(same.group(), parameters, same.ours(), same.peers(), same.work())));
  }

  @Test
  void anotherMachineIsRefusedWithWhatIsDifferent() {
    var facts = new LinkedHashMap<>(BEGUN.machine());
    facts.put("java", "26");
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Earlier(Path.of("x.json"), BEGUN).goingOn(new Machine(facts, Example.ROOF)));
    assertTrue(refused.getMessage().contains("java was 25, now it is 26"), refused.getMessage());
  }

  @Test
  void anotherPresetIsRefused() {
    Path file = folder.resolve("x.json");
    ReportFile.write(file, BEGUN);
    assertEquals(BEGUN, Earlier.read(file, Preset.QUICK).report());
    assertThrows(IllegalArgumentException.class, () -> Earlier.read(file, Preset.FULL));
    assertFalse(BEGUN.complete());
  }
}
