package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class MethodNamerTest {

  @Test
  void ofSeveralAnswersTheOneWithTheMostExpectedWordsIsTaken() {
    // "get" is in all three, "name" in two, "file" in one
    var answers = List.of("get", "get name", "get file name");
    double[] scores = {Math.log(0.4), Math.log(0.35), Math.log(0.25)};
    assertEquals("get name", MethodNamer.best(answers, scores), "0.6 for name, 0.25 for file");
    double[] sure = {Math.log(0.9), Math.log(0.06), Math.log(0.04)};
    assertEquals("get", MethodNamer.best(answers, sure), "0.1 for name is too little");
    double[] shifted = {Math.log(0.4) - 900, Math.log(0.35) - 900, Math.log(0.25) - 900};
    assertEquals("get name", MethodNamer.best(answers, shifted), "only differences count");
    assertEquals("a", MethodNamer.best(List.of("a", "a"), new double[] {0, 0}));
  }
}
