package dev.quintet.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.benchmarks.contest.Peer;
import dev.quintet.benchmarks.run.Catalog.Pairing;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CatalogTest {
  private static final Catalog ALL = Catalog.all();

  @Test
  void everyClassSaysWhatItMeasures() {
    assertFalse(ALL.classes().isEmpty());
    for (Catalog.Group group : ALL.classes()) {
      assertFalse(group.title().isEmpty(), group.name());
    }
  }

  @Test
  void everyPeerStandsBesideAMethodOfItsClass() {
    for (Catalog.Group group : ALL.classes()) {
      for (String method : group.methods().keySet()) {
        for (Peer peer : group.peer(method).stream().toList()) {
          assertTrue(
              group.methods().keySet().containsAll(List.of(peer.beside())),
              group.name() + "." + method);
        }
      }
    }
  }

  @Test
  void quickTakesFewerRowsOfValuesThatFullHasToo() {
    List<Pairing> quick = ALL.pairings(Preset.QUICK, name -> Optional.empty());
    List<Pairing> full = ALL.pairings(Preset.FULL, name -> Optional.empty());
    assertTrue(quick.size() < full.size());
    var rows =
        full.stream().map(one -> one.group().name() + one.ours() + one.parameters()).toList();
    for (Pairing one : quick) {
      assertTrue(
          rows.contains(one.group().name() + one.ours() + one.parameters()),
          one.group().name() + one.parameters());
    }
  }

  @Test
  void workIsCountedOfEveryRowThatCanBeAsked() {
    for (Pairing one : ALL.pairings(Preset.FULL, name -> Optional.empty())) {
      assertTrue(one.work().flops() >= 0 && Double.isFinite(one.work().flops()), one.ours());
    }
  }

  @Test
  void aProductHasItsOperationsAndItsPeers() {
    List<Pairing> all =
        ALL.matching(List.of("MatmulBenchmark"), List.of("Cuda"))
            .pairings(
                Preset.QUICK,
                name -> name.equals("layer") ? Optional.of(List.of("10x20x30")) : Optional.empty());
    assertEquals(2, all.size());
    assertEquals(2.0 * 10 * 20 * 30, all.getFirst().work().flops());
    assertEquals(3, all.getFirst().peers().size());
  }

  @Test
  void aParameterThatCannotBeIsRefusedByItsName() {
    Catalog products = ALL.matching(List.of("MatmulBenchmark"), List.of("Cuda"));
    for (String layer : List.of("foo", "1x2")) {
      var refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> products.pairings(Preset.QUICK, asked("layer", layer)));
      assertTrue(refused.getMessage().contains("-p layer=" + layer), refused.getMessage());
    }
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                ALL.matching(List.of("DecodeBenchmark"), List.of())
                    .pairings(Preset.QUICK, asked("subject", "NONE")));
    assertTrue(refused.getMessage().contains("-p subject=NONE"), refused.getMessage());
  }

  @Test
  void decodingHasRowsOfSmallWeightsAndOfBeamsEachBesideWhatDoesTheSame() {
    Catalog greedy = ALL.matching(List.of("step.GreedyBenchmark"), List.of());
    List<Pairing> rows = greedy.pairings(Preset.QUICK, name -> Optional.empty());
    var peers = new java.util.LinkedHashMap<String, java.util.Set<String>>();
    rows.stream()
        .filter(row -> "1".equals(row.parameters().get("batch")))
        .forEach(row ->
            peers.put(
                row.parameters().get("weights") + row.parameters().get("beams"),
                row.peers().keySet()));
    assertEquals(
        java.util.Map.of(
            "F321", java.util.Set.of("onnx", "onnxFused"),
            "BF161", java.util.Set.of("float32"),
            "INT81", java.util.Set.of("float32", "onnxInt8"),
            "F324", java.util.Set.of()),
        peers);
    assertEquals(
        1,
        greedy.pairings(Preset.QUICK, asked("weights", "INT8")).stream()
            .filter(row ->
                row.parameters()
                    .equals(java.util.Map.of("batch", "1", "beams", "4", "weights", "INT8")))
            .count());
  }

  private static java.util.function.Function<String, Optional<java.util.Collection<String>>> asked(
      String name, String value) {
    return one -> one.equals(name) ? Optional.of(List.of(value)) : Optional.empty();
  }

  @Test
  void namesThatMatchNothingAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> ALL.matching(List.of("nonesuch"), List.of()));
    assertThrows(IllegalArgumentException.class, () -> ALL.matching(List.of("("), List.of()));
    assertThrows(
        IllegalArgumentException.class, () -> ALL.matching(List.of("Norm"), List.of("Norm")));
  }

  @Test
  void withoutANameNothingWantsACudaDevice() {
    assertTrue(
        ALL.matching(List.of(), List.of()).classes().stream().noneMatch(Catalog.Group::wantsCuda));
  }
}
