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
