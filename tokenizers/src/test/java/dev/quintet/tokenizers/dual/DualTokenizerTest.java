package dev.quintet.tokenizers.dual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.SharedData;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bytes.ByteTokenizer;
import dev.quintet.tokenizers.dual.DualTokenizer.Routing;
import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DualTokenizerTest {

  private static final String MIXED =
      "Explain this:\n\n```java\nint  i = {0};\r\n\treturn \u00e9;\n```\nIt returns  a  number.\n";

  @TempDir Path folder;

  private Tokenizer language;
  private Tokenizer code;
  private DualTokenizer dual;

  @BeforeEach
  void make() throws IOException {
    Path t5 = Files.createDirectories(folder.resolve("t5"));
    Files.write(t5.resolve("spiece.model"), Golden.bytes("unigram-3000-t5ids.model"));
    Files.writeString(
        t5.resolve("tokenizer_config.json"),
        "{\"eos_token\": \"</s>\", \"pad_token\": \"<pad>\", \"tokenizer_class\": \"T5Tokenizer\","
            + " \"unk_token\": \"<unk>\"}");
    language = Tokenizer.load(t5);
    String file = "bytebpe-gpt4-3000.tokenizer.json";
    code = Tokenizer.of(TokenizerJson.parse(file, Golden.bytes(file)));
    dual = DualTokenizer.of(language, code);
  }

  private List<DualTokenizer> variants() {
    List<DualTokenizer> variants = new ArrayList<>();
    for (Router router :
        List.of(
            Router.fences(),
            Router.markers("<c>", "</c>"),
            Router.lines(line -> line.contains("x")))) {
      variants.add(dual.withRouter(router));
      variants.add(dual.withRouter(router).withCodeOffset(3200));
      variants.add(dual.withRouter(router).withRouting(Routing.SWITCH_TOKENS));
    }
    return variants;
  }

  @Test
  void givesBackEveryTextLetterForLetter() {
    long seed = Long.getLong("seed", 17);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    String[] parts = {
      "the ",
      "Hello",
      " world",
      ".",
      " ",
      "  ",
      "\n",
      "\r\n",
      "\r",
      "\t",
      "```",
      "```java\n",
      "~~~",
      "<c>",
      "</c>",
      "{",
      "}",
      "x = 1;",
      "\u00e9",
      "e\u0301",
      "\u6771\u4eac",
      "\ud83d\ude00",
      "\ufb01",
      "\u00a0",
      "\u3000",
      "\u200b",
      "\u2581",
      "<extra_id_0>",
      "<extra_id_99>",
      "<extra_id_100>",
      "</s>",
      "<unk>",
      "<pad>",
      "\u0000",
      "\ufffd",
      "and so on",
      "\u1100\u1161"
    };
    List<DualTokenizer> variants = variants();
    for (int n = 0; n < 1500; n++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(14); i > 0; i--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      DualTokenizer variant = variants.get(n % variants.size());
      Encoding encoding = variant.encode(text, false);
      String shown = variant + " " + Golden.write(text.toString());
      assertEquals(text.toString(), variant.decode(encoding.ids()), shown);
      int reached = 0;
      for (int i = 0; i < encoding.size(); i++) {
        assertTrue(encoding.start(i) <= encoding.end(i), shown);
        assertTrue(encoding.end(i) >= reached && encoding.end(i) <= text.length(), shown);
        reached = encoding.end(i);
        assertTrue(encoding.id(i) >= 0 && encoding.id(i) < variant.vocabularySize(), shown);
      }
    }
  }

  @Test
  void sendsEachPartToItsTokenizer() {
    Encoding encoding = dual.encode(MIXED);
    int offset = language.vocabularySize();
    int begin = MIXED.indexOf("int  i");
    int end = MIXED.indexOf("```\nIt");
    for (int i = 0; i + 1 < encoding.size(); i++) {
      boolean inCode = encoding.start(i) >= begin && encoding.start(i) < end;
      assertTrue(!inCode || encoding.id(i) >= offset, MIXED.substring(encoding.start(i)));
    }
    int hello = encoding.id(0);
    assertEquals(language.encode("Explain this:").id(0), hello);
    assertEquals(1, encoding.id(encoding.size() - 1));
    assertEquals(MIXED + "</s>", dual.decode(encoding.ids()));
    assertEquals(MIXED, dual.decode(encoding.ids(), true));
  }

  @Test
  void hasTheLanguageTokenizersIdsWhereNothingIsLost() {
    String text = "There is no doubt about it at all.";
    assertEquals(language.encode(text), dual.encode(text));
    assertEquals(language.encode(text, false), dual.encode(text, false));
    assertEquals(language.encode(""), dual.encode(""));
    String lossy = "a\nb  c {d}";
    assertNotEquals(language.encode(lossy), dual.encode(lossy));
    assertEquals(language.encode(lossy), dual.withExactness(false).encode(lossy));
  }

  @Test
  void keepsSentinelsWhereverTheyStand() {
    int first = language.sentinelId(0).getAsInt();
    for (DualTokenizer variant : variants()) {
      variant = variant.withRouter(Router.fences());
      assertEquals(OptionalInt.of(first), variant.sentinelId(0));
      String text = "a<extra_id_0>b <extra_id_0> c\n```\nx<extra_id_0>y\n```\n";
      int[] ids = variant.encode(text).ids();
      int found = 0;
      for (int id : ids) {
        found += id == first ? 1 : 0;
      }
      assertEquals(3, found);
      assertEquals(text + "</s>", variant.decode(ids));
    }
  }

  @Test
  void switchesByTokens() {
    DualTokenizer variant =
        dual.withRouting(Routing.SWITCH_TOKENS).withRouter(Router.markers("<c>", "</c>"));
    int size = Math.max(language.vocabularySize(), code.vocabularySize());
    assertEquals(size + 2, variant.vocabularySize());
    assertEquals(OptionalInt.of(size), variant.id("<to_language>"));
    assertEquals("<to_code>", variant.token(size + 1));
    int[] ids = dual.withRouter(Router.code()).withRouting(Routing.SWITCH_TOKENS).encode("x").ids();
    assertEquals(size + 1, ids[0]);
    assertEquals(size, ids[ids.length - 2]);
    assertEquals(1, ids[ids.length - 1]);
    // Nothing switches in a text without code.
    assertArrayEquals(language.encode("so it is").ids(), variant.encode("so it is").ids());
  }

  @Test
  void numbersTheCodeTokenizersIdsBehindTheFirsts() {
    int offset = language.vocabularySize();
    assertEquals(3100, offset);
    assertEquals(offset + code.vocabularySize(), dual.vocabularySize());
    int id = code.id("return").getAsInt();
    assertEquals("return", dual.token(id + offset));
    assertEquals("</s>", dual.token(1));
    DualTokenizer moved = dual.withCodeOffset(3200);
    assertEquals(3200 + code.vocabularySize(), moved.vocabularySize());
    assertEquals("return", moved.token(id + 3200));
    assertThrows(IllegalArgumentException.class, () -> dual.withCodeOffset(offset - 1));
    assertThrows(IllegalArgumentException.class, () -> moved.token(3150));
    // What no tokenizer has is skipped.
    assertEquals("return", moved.decode(new int[] {3150, id + 3200, 99_999}));
  }

  @Test
  void worksWithAnyPairOfTokenizers() {
    Tokenizer bytes = ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES);
    for (DualTokenizer pair :
        List.of(DualTokenizer.of(language, bytes), DualTokenizer.of(bytes, code))) {
      assertEquals(MIXED, pair.decode(pair.encode(MIXED, false).ids()));
    }
  }

  @Test
  void readsWhatItWrote() {
    for (DualTokenizer variant : variants()) {
      variant.save(folder.resolve("dual"));
      if (variant.route("x").size() > 0) {
        assertThrows(MalformedFileException.class, () -> Tokenizer.load(folder.resolve("dual")));
        Router router = Router.lines(line -> line.contains("x"));
        Tokenizer loaded = DualTokenizer.load(folder.resolve("dual"), router);
        assertEquals(variant.encode(MIXED), loaded.encode(MIXED));
      } else {
        Tokenizer loaded = Tokenizer.load(folder.resolve("dual"));
        assertEquals(variant.encode(MIXED), loaded.encode(MIXED));
        assertEquals(variant.vocabularySize(), loaded.vocabularySize());
      }
    }
    dual.withExactness(false).withRouter(Router.code()).save(folder.resolve("other"));
    assertEquals(
        dual.withRouter(Router.code()).encode(MIXED),
        Tokenizer.load(folder.resolve("other")).encode(MIXED));
  }

  @Test
  void refusesADescriptionThatBreaksARule() throws IOException {
    String good =
        "{\"version\": \"1.0\", \"routing\": \"id_ranges\", \"code_offset\": 3100,"
            + " \"exact\": true, \"router\": \"fences\"}";
    DualSpec spec = DualSpec.parse("good", good.getBytes(StandardCharsets.UTF_8));
    assertEquals(new DualSpec(false, 3100, true, "fences", List.of()), spec);
    for (String broken :
        List.of(
            "[]",
            good.replace("1.0", "2.0"),
            good.replace("id_ranges", "luck"),
            good.replace("id_ranges", "switch_tokens"),
            good.replace("3100", "-1"),
            good.replace("3100", "1.5"),
            good.replace("true", "1"),
            good.replace("\"exact\": true, ", ""),
            good.replace("fences", "hedges"),
            good.replace("fences", "markers"),
            good.replace("\"fences\"", "\"fences\", \"markers\": [\"a\", \"b\"]"),
            good.replace("\"fences\"", "\"markers\", \"markers\": [\"a\", \"\"]"),
            good.replace("\"fences\"", "\"fences\", \"more\": 1"),
            good + " ")) {
      byte[] utf8 = (broken.endsWith(" ") ? broken + "1" : broken).getBytes(StandardCharsets.UTF_8);
      assertThrows(MalformedFileException.class, () -> DualSpec.parse("broken", utf8), broken);
    }
    dual.save(folder.resolve("dual"));
    Files.writeString(folder.resolve("dual").resolve(DualSpec.FILE), good.replace("3100", "3099"));
    MalformedFileException refused =
        assertThrows(MalformedFileException.class, () -> Tokenizer.load(folder.resolve("dual")));
    assertEquals("/code_offset", refused.place());
  }

  @Test
  void readsMutatedDescriptionsOrRefusesThem() {
    long seed = Long.getLong("seed", 3);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] good =
        ("{\"version\": \"1.0\", \"routing\": \"id_ranges\", \"code_offset\": 3100,"
                + " \"exact\": true, \"router\": \"markers\", \"markers\": [\"a\", \"b\"]}")
            .getBytes(StandardCharsets.UTF_8);
    byte[] alphabet = "\"{}[]:,0129-eltrufasn \\u\n".getBytes(StandardCharsets.UTF_8);
    int read = 0;
    for (int n = 0; n < Integer.getInteger("fuzz.runs", 5000); n++) {
      byte[] mutated = good.clone();
      for (int k = 1 + random.nextInt(3); k > 0; k--) {
        mutated[random.nextInt(mutated.length)] =
            random.nextBoolean()
                ? alphabet[random.nextInt(alphabet.length)]
                : (byte) random.nextInt(256);
      }
      try {
        DualSpec.parse("mutated", mutated);
        read++;
      } catch (MalformedFileException expected) {
        assertEquals("mutated", expected.path());
      }
    }
    assertTrue(read > 0, "some mutations are harmless");
  }

  @Test
  void givesBackRealCodeAndProseWithT5() {
    Tokenizer t5 = Tokenizer.load(SharedData.file("t5/spiece.model").getParent());
    DualTokenizer real = DualTokenizer.of(t5, code).withCodeOffset(32128);
    List<String> documents = Golden.list(SharedData.json("corpora/code-docs.json"));
    for (String document : documents.subList(0, 20)) {
      String text =
          "Here is a file:\n\n````java\n" + document + "\n````\nIt is  long \u2014 is it?\n";
      assertEquals(text, real.decode(real.encode(text, false).ids()));
      DualTokenizer prose = real.withRouter(Router.language());
      String start = document.substring(0, Math.min(2000, document.length()));
      assertEquals(start, prose.decode(prose.encode(start, false).ids()));
    }
  }

  @Test
  void readsLoneSurrogatesAsTheReplacementCharacter() {
    assertEquals("a\ufffd b", dual.decode(dual.encode("a\ud800 b", false).ids()));
  }
}
