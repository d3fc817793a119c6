package dev.quintet.core.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModuleTest {
  private final Toy toy = new Toy();

  @AfterEach
  void close() {
    toy.close();
  }

  @Test
  void listsASharedParameterOnceUnderItsFirstName() {
    assertEquals(
        List.of(
            "shared.weight",
            "encoder.block.0.layer.0.q.weight",
            "encoder.block.0.layer.0.norm.weight",
            "encoder.block.1.layer.0.q.weight",
            "encoder.block.1.layer.0.norm.weight"),
        List.copyOf(toy.parameters().keySet()));
    assertEquals(
        Map.of("encoder.embed_tokens.weight", "shared.weight", "lm_head.weight", "shared.weight"),
        toy.aliases());
    assertEquals(8 * 4 + 2 * (4 * 4 + 4), toy.parameterCount());
  }

  @Test
  void knowsItsPathFromTheRoot() {
    assertEquals(
        "encoder.block.1.layer.0.dropout",
        toy.find("encoder.block.1.layer.0.dropout").orElseThrow().path());
    assertEquals("shared", toy.find("encoder.embed_tokens").orElseThrow().path());
    assertEquals("", toy.path());
  }

  @Test
  void freezesByGlobAndTheLastMatchWins() {
    toy.freeze("*").train("encoder.block.1.*", "?hared.weight");
    assertEquals(
        List.of(
            "shared.weight",
            "encoder.block.1.layer.0.q.weight",
            "encoder.block.1.layer.0.norm.weight"),
        training());
  }

  @Test
  void leavesTheSharedMatrixAloneWhenItsStackIsFrozen() {
    toy.freeze("encoder.*");
    assertEquals(List.of("shared.weight"), training());
  }

  @Test
  void resolvesAnAliasAndSaysSo() {
    toy.freeze("*").train("lm_head.*");
    assertEquals(List.of("shared.weight"), training());
    assertEquals(
        Map.of("lm_head.weight", "shared.weight"),
        toy.names().select(List.of("lm_head.*")).aliased());
  }

  @Test
  void freezesRangesOfLayers() {
    toy.freeze("encoder.0-1");
    assertEquals(List.of("shared.weight"), training());
    toy.train("encoder.1");
    assertEquals(
        List.of(
            "shared.weight",
            "encoder.block.1.layer.0.q.weight",
            "encoder.block.1.layer.0.norm.weight"),
        training());
  }

  @Test
  void refusesARangePastTheModelOrBackwards() {
    assertThrows(IllegalArgumentException.class, () -> toy.freeze("encoder.0-7"));
    assertThrows(IllegalArgumentException.class, () -> toy.freeze("encoder.1-0"));
  }

  @Test
  void refusesAPatternThatMatchesNothingAndListsNearNames() {
    var e = assertThrows(IllegalArgumentException.class, () -> toy.freeze("encoder.blok.1.*"));
    assertTrue(e.getMessage().contains("'encoder.blok.1.*'"), e.getMessage());
    assertTrue(e.getMessage().contains("encoder.block.1.*"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> toy.freeze("encoder[.]block*"));
    assertThrows(IllegalArgumentException.class, () -> toy.freeze(""));
  }

  @Test
  void aDotInAPatternIsOnlyADot() {
    assertFalse(NamePattern.of("a.b").matches("axb"));
    assertTrue(NamePattern.of("a*b").matches("a.x.b"));
    assertFalse(NamePattern.of("a?b").matches("ab"));
  }

  @Test
  void replacesAChildThatOthersCannotTellApart() {
    Module q = toy.find("encoder.block.0.layer.0.q").orElseThrow();
    var adapter = new Wrapped((Linear) q);
    assertSame(q, toy.replace("encoder.block.0.layer.0.q", adapter));
    assertSame(adapter, toy.find("encoder.block.0.layer.0.q").orElseThrow());
    assertEquals("encoder.block.0.layer.0.q", adapter.path());
    assertEquals("encoder.block.0.layer.0.q.base", q.path());
    assertTrue(toy.parameters().containsKey("encoder.block.0.layer.0.q.base.weight"));
    assertThrows(
        IllegalArgumentException.class,
        () -> toy.replace("encoder.block.0.layer.0.norm", new Dropout(0)));
    assertThrows(IllegalArgumentException.class, () -> toy.replace("encoder.q", adapter));
  }

  @Test
  void whatIsWrappedKeepsItsNames() {
    String path = "encoder.block.0.layer.0.q";
    var names = List.copyOf(toy.parameters().keySet());
    var adapter = new Adapter((Linear) toy.find(path).orElseThrow());
    Module base = toy.replace(path, adapter);
    assertSame(adapter, toy.find(path).orElseThrow());
    assertSame(base, toy.find(path + ".wrapped").orElseThrow());
    assertEquals(path, base.path());
    var now = new java.util.ArrayList<>(toy.parameters().keySet());
    assertTrue(now.remove(path + ".added"));
    assertEquals(names, now);
    toy.freeze("*").train(path + ".weight");
    assertEquals(List.of(path + ".weight"), training());
  }

  @Test
  void whatWasWrappedComesBackToItsPlace() {
    String path = "encoder.block.0.layer.0.q";
    Module q = toy.find(path).orElseThrow();
    var adapter = new Adapter(q);
    toy.replace(path, adapter);
    assertSame(adapter, toy.replace(path, q));
    assertSame(q, toy.find(path).orElseThrow());
    assertEquals(path, q.path());
    assertEquals("", adapter.path());
    toy.replace(path, adapter);
    assertEquals(path, q.path());
    assertEquals(path, adapter.path());
    toy.replace(path, q);
    adapter.close();
  }

  @Test
  void aWrapperMayNotTakeANameOfWhatItWraps() {
    var linear = new Linear(Parameter.full(Shape.of(2, 2), 1, Device.cpu()));
    var refused = assertThrows(IllegalArgumentException.class, () -> new Twice(linear));
    assertTrue(refused.getMessage().contains("'weight'"), refused.getMessage());
    linear.close();
  }

  @Test
  void replacesASharedModuleEverywhereByItsFirstPathAndThereAloneByAnother() {
    Module shared = toy.find("shared").orElseThrow();
    var everywhere = new Adapter(shared);
    toy.replace("shared", everywhere);
    assertSame(everywhere, toy.find("encoder.embed_tokens").orElseThrow());
    var there = new Adapter(shared);
    toy.replace("encoder.embed_tokens", there);
    assertSame(everywhere, toy.find("shared").orElseThrow());
    assertSame(there, toy.find("encoder.embed_tokens").orElseThrow());
    there.close();
  }

  private static final class Adapter extends Module implements Layer {
    private final Child<Layer> base;

    Adapter(Module wrapped) {
      base = wraps(Layer.class, wrapped);
      parameter("added", Parameter.full(Shape.of(2), 1, Device.cpu()));
    }

    @Override
    public dev.quintet.core.tensor.Tensor apply(dev.quintet.core.tensor.Tensor x, Pass pass) {
      return base.get().apply(x, pass);
    }
  }

  private static final class Twice extends Module {
    Twice(Linear linear) {
      wraps(Layer.class, linear);
      parameter("weight", linear.weight());
    }
  }

  @Test
  void dropsOnlyInTrainingAndBySite() {
    var first = (Dropout) toy.find("encoder.block.0.layer.0.dropout").orElseThrow();
    var second = (Dropout) toy.find("encoder.block.1.layer.0.dropout").orElseThrow();
    toy.dropout(0.25f);
    assertFalse(first.mask(Pass.inference()).active());
    var pass = Pass.training(1, 2, 3);
    assertTrue(first.mask(pass).active());
    assertTrue(first.mask(pass).site() != second.mask(pass).site());
    assertEquals(3, first.mask(pass).firstRow());
  }

  private List<String> training() {
    return toy.parameters().entrySet().stream()
        .filter(e -> e.getValue().trains())
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Parameter matrix(long... dims) {
    return Parameter.empty(Shape.of(dims), Device.cpu());
  }

  private static final class Toy extends Module {
    Toy() {
      var shared = new Embedding(matrix(8, 4));
      child("shared", Layer.class, shared);
      child("encoder", new Stack(shared));
      child("lm_head", Layer.class, new Linear(shared.weight()));
    }
  }

  private static final class Stack extends Module {
    Stack(Embedding shared) {
      child("embed_tokens", Layer.class, shared);
      for (int i = 0; i < 2; i++) {
        child("block." + i, new Block());
      }
    }
  }

  private static final class Block extends Module {
    Block() {
      child("layer.0", new Part());
    }
  }

  private static final class Part extends Module {
    Part() {
      child("q", Layer.class, new Linear(matrix(4, 4)));
      child("norm", new RmsNorm(matrix(4), 1e-6f));
      child("dropout", new Dropout(0));
    }
  }

  private static final class Wrapped extends Module implements Layer {
    private final Linear base;

    Wrapped(Linear base) {
      this.base = base;
      child("base", base);
    }

    @Override
    public dev.quintet.core.tensor.Tensor apply(dev.quintet.core.tensor.Tensor x, Pass pass) {
      return base.apply(x, pass);
    }
  }
}
