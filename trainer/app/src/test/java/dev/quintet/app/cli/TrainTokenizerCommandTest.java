package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainTokenizerCommandTest {
  @TempDir Path folder;

  private Path corpus;
  private String out = "";
  private String err = "";

  @BeforeEach
  void writeCorpus() throws IOException {
    corpus = folder.resolve("corpus.txt");
    Files.writeString(
        corpus,
        String.join(
            "\n",
            IntStream.range(0, 60)
                .mapToObj(
                    i -> "the cat number " + i + " sat on the mat, and mat " + i % 7 + " sat on it")
                .toList()));
  }

  private int run(String... arguments) {
    var commandLine = Main.commands();
    var outText = new StringWriter();
    var errText = new StringWriter();
    commandLine.setOut(new PrintWriter(outText, true)).setErr(new PrintWriter(errText, true));
    int code = commandLine.execute(arguments);
    out = outText.toString();
    err = errText.toString();
    return code;
  }

  private int spm(String... flags) {
    String[] all = new String[flags.length + 2];
    all[0] = "train-tokenizer";
    all[1] = "sentencepiece";
    System.arraycopy(flags, 0, all, 2, flags.length);
    return run(all);
  }

  @Test
  void takesTheFlagsOfSpmTrainInItsSyntax() throws IOException {
    Path symbols = folder.resolve("symbols");
    Files.writeString(symbols, "<one>\n<two>\n");
    assertEquals(
        0,
        spm(
            "--input=" + corpus,
            "--model_prefix",
            folder.resolve("m").toString(),
            "--vocab_size=60",
            "-model_type=BPE",
            "--pad_id",
            "-1",
            "--user_defined_symbols=cat,\"a,b\"",
            "--user_defined_symbols_file=" + symbols,
            "--hard_vocab_limit",
            "false",
            "--byte_fallback=f",
            "--split_digits",
            "--threads=2"),
        err);
    SentencePieceModel model = SentencePieceModel.read(folder.resolve("m.model"));
    assertEquals(60, model.size());
    assertEquals(SentencePieceModel.Algorithm.BPE, model.algorithm());
    assertEquals(
        List.of("<unk>", "<s>", "</s>", "cat", "a,b", "<one>", "<two>"),
        IntStream.range(0, 7).mapToObj(model::piece).toList());
    List<String> vocab = Files.readAllLines(folder.resolve("m.vocab"));
    assertEquals(60, vocab.size());
    assertEquals("<unk>\t0", vocab.getFirst());
    assertEquals(model.piece(7) + "\t-0", vocab.get(7));
    assertTrue(out.contains("60 pieces"), out);
  }

  @Test
  void trainsTheSameFromAFolderWhateverTheThreads() throws IOException {
    Path parts = folder.resolve("parts");
    Files.createDirectories(parts);
    List<String> lines = Files.readAllLines(corpus);
    Files.writeString(parts.resolve("a"), String.join("\n", lines.subList(0, 20)) + "\n");
    Files.writeString(parts.resolve("b"), String.join("\n", lines.subList(20, 60)));
    String[] flags = {
      "--vocab_size=40", "--num_threads=3", "--minloglevel=1", "--model_type=unigram"
    };
    assertEquals(0, spm(with(flags, "--input=" + corpus, "one", "--threads=1")), err);
    assertEquals(0, spm(with(flags, "--input=" + parts, "two", "--threads=4")), err);
    assertEquals(
        Files.readString(folder.resolve("one.vocab")),
        Files.readString(folder.resolve("two.vocab")));
  }

  private String[] with(String[] flags, String input, String name, String threads) {
    String[] all = java.util.Arrays.copyOf(flags, flags.length + 3);
    all[flags.length] = input;
    all[flags.length + 1] = "--model_prefix=" + folder.resolve(name);
    all[flags.length + 2] = threads;
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "--model_prefix=m,                                    --input",
    "--input=none.txt,                                    --model_prefix",
    "--input=none.txt --model_prefix=m,                   none.txt",
    "--input=none.txt --model_prefix=m --vocab-size=3,    --vocab_size",
    "--input=none.txt --model_prefix=m --vocab_size=many, many",
    "--input=none.txt --model_prefix=m --pad_id=x,        pad_id",
    "--input=none.txt --model_prefix=m --threads=0,       --threads",
    "--input=none.txt --model_prefix=m --byte_fallback=9, byte_fallback",
    "corpus.txt,                                          corpus.txt"
  })
  void badFlagsAreOneLineAndExitCodeTwo(String flags, String named) {
    assertEquals(2, spm(flags.split(" ")), flags);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.contains(named), err);
  }

  @Test
  void nothingIsWrittenWhereTheCorpusGivesTooFewPieces() {
    assertEquals(2, spm("--input=" + corpus, "--model_prefix=" + folder.resolve("m")));
    assertTrue(err.contains("vocab_size"), err);
    assertFalse(Files.exists(folder.resolve("m.model")));
    assertFalse(Files.exists(folder.resolve("m.vocab")));
  }

  /// What sentencepiece 0.2.2 refuses too; `\u0001` is a control character that normalizing takes out.
  @ParameterizedTest
  @CsvSource({
    "'',             unigram, true,  none in",
    "'',             bpe,     false, none in",
    "'',             char,    false, none in",
    "'',             word,    false, none in",
    "'\n\n \n',    unigram, true,  characters",
    "'\n\n \n',    unigram, false, characters",
    "'\n\n \n',    bpe,     true,  characters",
    "'\n\n \n',    word,    true,  characters",
    "'\u0001\u0002', unigram, false, characters",
    "'\u0001\u0002', bpe,     true,  characters",
    "'a',            unigram, true,  at most 5"
  })
  void aCorpusThatGivesNothingIsOneLineAndExitCodeTwo(
      String text, String type, boolean hard, String said) throws IOException {
    Files.writeString(corpus, text);
    String[] flags = {
      "--input=" + corpus,
      "--model_prefix=" + folder.resolve("m"),
      "--model_type=" + type,
      "--vocab_size=20",
      "--hard_vocab_limit=" + hard
    };
    assertEquals(2, spm(flags), err);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.contains(said), err);
    assertFalse(Files.exists(folder.resolve("m.model")));
  }

  @Test
  void aFullDiskIsExitCodeOneWithItsReasonAndItsFile() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full) && !Files.isRegularFile(full));
    for (String name : List.of("full.model", "full.json")) {
      Files.createSymbolicLink(folder.resolve(name), full);
    }
    String json = folder.resolve("full.json").toString();
    assertEquals(
        1, spm("--input=" + corpus, "--model_prefix=" + folder.resolve("full"), "--vocab_size=40"));
    assertTrue(err.contains("full.model: No space left on device"), err);
    assertEquals(1, bytes(json));
    assertTrue(err.contains("full.json: No space left on device"), err);
    assertEquals(1, err.lines().count(), err);
    assertTrue(Files.exists(full) && !Files.isRegularFile(full));
  }

  @Test
  void aPlaceWhereNoFileCanBeIsExitCodeTwoWithItsReason() {
    assertEquals(2, bytes(folder.toString()));
    assertTrue(err.contains("is a folder"), err);
    assertEquals(2, bytes(corpus.resolve("x.json").toString()));
    assertTrue(err.contains("corpus.txt is no folder"), err);
    assertEquals(
        2,
        run(
            "train-tokenizer bytebpe --input none --output x.json --vocab-size 300 --pattern gpt2"
                .split(" ")));
    assertTrue(err.contains("none does not exist"), err);
  }

  @Test
  void writesThroughALink() throws IOException {
    Path real = Files.writeString(folder.resolve("real.json"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link.json"), real);
    assertEquals(0, bytes(link.toString()), err);
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(300, Tokenizer.load(real).vocabularySize());
  }

  private int bytes(String output) {
    return run(
        "train-tokenizer",
        "bytebpe",
        "--input",
        corpus.toString(),
        "--output",
        output,
        "--vocab-size",
        "300",
        "--pattern",
        "gpt4");
  }

  @Test
  void saysWhenTheCorpusGivesFewerTokensThanAskedFor() throws IOException {
    Files.writeString(corpus, "\n\n \n");
    assertEquals(0, bytes(folder.resolve("blank.json").toString()), err);
    assertTrue(out.contains("260 tokens, of 300 asked for"), out);
  }

  @Test
  void trainsBytesWithATemplate() {
    Path file = folder.resolve("bytes.json");
    assertEquals(
        0,
        run(
            "train-tokenizer",
            "bytebpe",
            "--input",
            corpus.toString(),
            "--output",
            file.toString(),
            "--vocab-size",
            "300",
            "--pattern",
            "gpt4"),
        err);
    Tokenizer tokenizer = Tokenizer.load(file);
    assertEquals(300, tokenizer.vocabularySize());
    int[] ids = tokenizer.encode("the cat", true).ids();
    assertEquals(1, ids[ids.length - 1]);
    assertArrayEquals(
        new int[] {0, 2},
        new int[] {tokenizer.encode("<pad>").id(0), tokenizer.encode("<unk>").id(0)});
  }

  @ParameterizedTest
  @CsvSource({
    "--vocab-size x,                    --vocab-size",
    "--vocab-size 300 --pattern (,      (",
    "--max-token-length some,           --max-token-length",
    "--min-frequency -1,                minFrequency"
  })
  void badOptionsForBytesAreOneLineAndExitCodeTwo(String options, String named) {
    String[] given = options.split(" ");
    String all = "train-tokenizer bytebpe --input " + corpus + " --output x.json";
    if (!options.contains("--vocab-size")) {
      all += " --vocab-size 300";
    }
    if (!options.contains("--pattern")) {
      all += " --pattern gpt2";
    }
    assertEquals(2, run((all + " " + String.join(" ", given)).split(" ")), options);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.contains(named), err);
  }
}
