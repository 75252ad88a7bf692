package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.BoundingBox;
import io.webdnn.verify.runtime.TestBrowser.TestPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The exercise's page, with a "network" that tells how much of the canvas is drawn on.
class ExercisePageTest extends PageTest {
    private static final Path ANSWER = Path.of("../answer");
    private static final Path EXERCISE = Path.of("../exercise");
    private static final Pattern LINE = Pattern.compile("(\\d)\\s*:\\s*(\\d+)\\s*%");
    private static final String BLANK = "FIXME";

    @BeforeEach
    void putSite() throws IOException {
        putPage(ANSWER);
        server.putAll("webdnn_graph_descriptor", HandMadeModel.ink());
    }

    private void putPage(Path folder) throws IOException {
        server.putFolder(folder, "index.html", "paint.js", "script.js", "style.css");
        server.put("/", server.content("/index.html"));
    }

    private static String result(TestPage page) {
        return page.page().locator("#result").innerText();
    }

    /// Waits until the result says something.
    private static String await(TestPage page, String text) {
        page.page()
                .waitForFunction(
                        "text => document.getElementById('result').innerText.includes(text)",
                        text,
                        new Page.WaitForFunctionOptions().setTimeout(10_000));
        return result(page);
    }

    private static BoundingBox canvas(TestPage page) {
        var box = page.page().locator("#draw").boundingBox();
        assertThat(box).isNotNull();
        return box;
    }

    /// {@return the percentages that the result shows, by digit}
    private static List<Integer> percentages(TestPage page) {
        var matcher = LINE.matcher(await(page, "9:"));
        var found =
                matcher.results()
                        .map(m -> List.of(Integer.valueOf(m.group(1)), Integer.valueOf(m.group(2))))
                        .toList();
        assertThat(found.stream().map(List::getFirst).toList())
                .isEqualTo(IntStream.range(0, 10).boxed().toList());
        return found.stream().map(List::getLast).toList();
    }

    private static int whitePixels(TestPage page) {
        return (int)
                page.page()
                        .evaluate(
                                "() => { const c = document.getElementById('draw'); return"
                                        + " c.getContext('2d').getImageData(0, 0, 256,"
                                        + " 256).data.filter((v, i) => i % 4 === 0 && v >"
                                        + " 127).length; }");
    }

    @Test
    void linesGiveTenPercentagesAndBarsAndResetClearsBoth() {
        try (var page = browser.open(server)) {
            var ready = await(page, "Draw a digit.");
            var box = canvas(page);
            assertThat(List.of(box.width, box.height)).isEqualTo(List.of(256.0, 256.0));
            var mouse = page.page().mouse();
            mouse.move(box.x + 28, box.y + 128);
            mouse.down();
            mouse.move(box.x + 228, box.y + 128);
            mouse.up();

            // a line of 200 with round ends of 20: 4314 of 65536 pixels
            assertThat(whitePixels(page)).isBetween(4200, 4400);
            assertThat(percentages(page)).isEqualTo(List.of(6, 93, 0, 0, 0, 0, 0, 0, 0, 0));
            assertThat(result(page)).startsWith("This looks like a 1.");
            assertThat(
                            page.page()
                                    .evaluate(
                                            "() => [...document.querySelectorAll('.bar >"
                                                    + " div')].map(b => parseInt(b.style.width))"))
                    .isEqualTo(List.of(6, 93, 0, 0, 0, 0, 0, 0, 0, 0));

            mouse.move(box.x + 128, box.y + 20); // a move without a press draws nothing
            mouse.move(box.x + 128, box.y + 240);
            assertThat(whitePixels(page)).isBetween(4200, 4400);

            page.page().click("#reset");
            assertThat(whitePixels(page)).isZero();
            assertThat(result(page)).isEqualTo(ready);
            assertThat(page.errors()).isEmpty();
        }
    }

    @Test
    void aPressWithoutMovementDrawsADot() {
        try (var page = browser.open(server)) {
            await(page, "Draw a digit.");
            var box = canvas(page);
            page.page().mouse().click(box.x + 100, box.y + 50);
            assertThat(whitePixels(page)).isBetween(290, 340); // a circle of radius 10
            assertThat(percentages(page)).startsWith(0, 99);
        }
    }

    @Test
    void theKeyboardDraws() {
        try (var page = browser.open(server)) {
            await(page, "Draw a digit.");
            var keyboard = page.page().keyboard();
            keyboard.press("Tab");
            assertThat(page.page().locator("#pen").isVisible()).isTrue();
            keyboard.press("ArrowLeft"); // the pen is up
            assertThat(whitePixels(page)).isZero();
            keyboard.press("Space");
            for (int i = 0; i < 10; i++) {
                keyboard.press("ArrowDown");
            }
            keyboard.press("Space");
            keyboard.press("ArrowRight");
            assertThat(whitePixels(page)).isBetween(1850, 2000); // a line of 80, with round ends
            percentages(page);
            keyboard.press("Tab");
            keyboard.press("Enter");
            assertThat(whitePixels(page)).isZero();
        }
    }

    @Test
    void aFingerDraws() {
        try (var page = browser.open(server)) {
            await(page, "Draw a digit.");
            page.page()
                    .evaluate(
                            "() => { const c = document.getElementById('draw'), b ="
                                    + " c.getBoundingClientRect(); const fire = (type, x, y, id,"
                                    + " isPrimary) => c.dispatchEvent(new PointerEvent(type, {clientX:"
                                    + " b.left + x, clientY: b.top + y, pointerId: id, isPrimary,"
                                    + " pointerType: 'touch', button: 0, bubbles: true}));"
                                    + " c.setPointerCapture = () => {}; fire('pointerdown', 50, 50, 7,"
                                    + " true); fire('pointermove', 50, 150, 7, true);"
                                    + " fire('pointerdown', 200, 200, 8, false); fire('pointermove',"
                                    + " 200, 250, 8, false); fire('pointerup', 50, 150, 7, true);"
                                    + " fire('pointermove', 150, 150, 7, true); }");
            // one line of 100; the second finger and what comes after the lift draw nothing
            assertThat(whitePixels(page)).isBetween(2250, 2400);
            percentages(page);
        }
    }

    @Test
    void whatIsDrawnWhileTheNetworkLoadsIsReadWhenItIsThere() {
        try (var page =
                browser.open(
                        server,
                        "const f = fetch; globalThis.fetch = async (...a) => { await new Promise(r"
                                + " => { globalThis.go = r }); return f(...a); }")) {
            await(page, "Loading the network");
            var box = canvas(page);
            page.page().mouse().click(box.x + 100, box.y + 50);
            page.page().evaluate("() => { const t = setInterval(() => globalThis.go?.(), 10) }");
            percentages(page);
        }
    }

    @Test
    void anErrorIsSaidInWordsAndTheNextStrokeTriesAgain() {
        try (var page = browser.open(server)) {
            await(page, "Draw a digit.");
            var box = canvas(page);
            page.page()
                    .evaluate(
                            "() => { globalThis.kept = runner; runner = {run: async () => { throw"
                                    + " Error('the device is gone') }} }");
            page.page().mouse().click(box.x + 100, box.y + 50);
            assertThat(await(page, "gone"))
                    .isEqualTo("The digit could not be read: the device is gone");
            page.page().evaluate("() => { runner = kept }");
            page.page().mouse().click(box.x + 150, box.y + 50);
            percentages(page);
        }
    }

    @Test
    void aMissingNetworkIsSaidAndResetTriesAgain() {
        var plan = server.content("/webdnn_graph_descriptor/graph_webassembly.json");
        server.remove("/webdnn_graph_descriptor/graph_webassembly.json");
        try (var page = browser.open(server)) {
            assertThat(await(page, "could not be loaded"))
                    .startsWith(
                            "The network could not be loaded: there is none in"
                                    + " webdnn_graph_descriptor/");
            server.put("/webdnn_graph_descriptor/graph_webassembly.json", plan);
            page.page().click("#reset");
            await(page, "Draw a digit.");
            assertThat(page.page().locator("#backend").innerText())
                    .startsWith("Runs on webassembly");
        }
    }

    @Test
    void aMissingRuntimeIsSaid() {
        server.remove("/webdnn.js");
        try (var page = browser.open(server)) {
            assertThat(await(page, "could not be loaded")).contains("webdnn.js is missing");
        }
    }

    @Test
    void theExerciseSaysWhatIsStillToDo() throws IOException {
        putPage(EXERCISE);
        try (var page = browser.open(server)) {
            assertThat(await(page, "could not be loaded")).contains("webdnn.js is missing");
        }
        server.put(
                "/",
                HandMadeModel.edit(
                        server.content("/index.html"),
                        "<!-- " + BLANK + ": load webdnn.js -->",
                        "<script src=\"webdnn.js\" defer></script>"));
        try (var page = browser.open(server)) {
            assertThat(await(page, "could not be loaded")).contains(BLANK + " is not defined");
        }
    }

    @Test
    void theExerciseIsTheAnswerWithBlanks() throws IOException {
        assertThat(programs(EXERCISE)).isNotEmpty().isEqualTo(programs(ANSWER));
        for (var file : List.of("paint.js", "style.css")) {
            assertThat(EXERCISE.resolve(file)).hasSameTextualContentAs(ANSWER.resolve(file));
        }
        assertThat(blanks("index.html")).isEqualTo(List.of(1));
        assertThat(blanks("script.js")).isEqualTo(List.of(1, 1, 1, 2, 1, 1, 1, 1));
    }

    /// {@return the Java programs of a directory, by name}
    private static Map<String, String> programs(Path directory) throws IOException {
        var programs = new TreeMap<String, String>();
        try (var files = Files.newDirectoryStream(directory, "*.java")) {
            for (var file : files)
                programs.put(file.getFileName().toString(), Files.readString(file));
        }
        return programs;
    }

    /// {@return how many blanks each line has that differs between exercise and answer}
    private static List<Integer> blanks(String file) throws IOException {
        var exercise = Files.readAllLines(EXERCISE.resolve(file));
        var answer = Files.readAllLines(ANSWER.resolve(file));
        assertThat(exercise).hasSameSizeAs(answer);
        assertThat(String.join("\n", answer)).doesNotContain(BLANK);
        return IntStream.range(0, answer.size())
                .filter(i -> !exercise.get(i).equals(answer.get(i)))
                .mapToObj(i ->
                        (int) Pattern.compile(BLANK).matcher(exercise.get(i)).results().count())
                .toList();
    }
}
