package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `WebDNN.Image` against plain loops over pixels that are known.
class ImageTest extends PageTest {
    private static final int WIDTH = 7;
    private static final int HEIGHT = 5;

    /// Draws the known pixels, all opaque, and defines `data`, `canvas` and `url`.
    private static final String PIXELS =
            """
            const data = new ImageData(7, 5);
            for (let y = 0; y < 5; y++) for (let x = 0; x < 7; x++) data.data.set([(31 * x + 7 * y) % 256, (5 * x + 41 * y) % 256, (13 * x * y + 3) % 256, 255], 4 * (7 * y + x));
            const canvas = document.createElement('canvas');
            canvas.width = 7; canvas.height = 5;
            canvas.getContext('2d').putImageData(data, 0, 0);
            const url = canvas.toDataURL();
            const {Color, Order} = WebDNN.Image;
            """;

    private enum Channel {
        RED,
        GREEN,
        BLUE,
        ALPHA;

        /// The known pixels.
        int at(int x, int y) {
            return switch (this) {
                case RED -> (31 * x + 7 * y) % 256;
                case GREEN -> (5 * x + 41 * y) % 256;
                case BLUE -> (13 * x * y + 3) % 256;
                case ALPHA -> 255;
            };
        }
    }

    private Object run(String body) {
        try (var page = browser.open(server)) {
            var result = page.run(PIXELS + body);
            assertThat(page.errors()).isEmpty();
            return result;
        }
    }

    private double[] numbers(String expression) {
        var result = run("return Array.from(" + expression + ")");
        if (result instanceof List<?> list) {
            return list.stream().mapToDouble(v -> ((Number) v).doubleValue()).toArray();
        }
        throw new AssertionError("expected numbers, got " + result);
    }

    private static List<Channel> channels(String color) {
        return switch (color) {
            case "RGB" -> List.of(Channel.RED, Channel.GREEN, Channel.BLUE);
            case "BGR" -> List.of(Channel.BLUE, Channel.GREEN, Channel.RED);
            case "RGBA" -> List.of(Channel.RED, Channel.GREEN, Channel.BLUE, Channel.ALPHA);
            case "BGRA" -> List.of(Channel.BLUE, Channel.GREEN, Channel.RED, Channel.ALPHA);
            default -> throw new AssertionError(color);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "RGB, HWC",
        "RGB, CHW",
        "BGR, HWC",
        "BGR, CHW",
        "RGBA, HWC",
        "RGBA, CHW",
        "BGRA, HWC",
        "BGRA, CHW"
    })
    void channelsInTheirOrder(String color, String order) {
        var channels = channels(color);
        int count = channels.size();
        var expected = new double[WIDTH * HEIGHT * count];
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                for (int c = 0; c < count; c++) {
                    int at =
                            order.equals("HWC")
                                    ? (y * WIDTH + x) * count + c
                                    : (c * HEIGHT + y) * WIDTH + x;
                    expected[at] = channels.get(c).at(x, y);
                }
            }
        }
        var options = "{color: Color." + color + ", order: Order." + order + "}";
        assertThat(numbers("await WebDNN.Image.getImageArray(canvas, " + options + ")"))
                .containsExactly(expected);
        assertThat(numbers("WebDNN.Image.getImageArrayFromImageData(data, " + options + ")"))
                .containsExactly(expected);
    }

    /// Bias and scale are in the order red, green, blue, alpha, whatever the order of the array.
    @Test
    void biasAndScaleOfEachChannel() {
        double[] bias = {10, 20, 30, 5};
        double[] scale = {2, 4, 8, 50};
        var channels = channels("BGRA");
        int[] index = {2, 1, 0, 3};
        var actual =
                numbers(
                        "await WebDNN.Image.getImageArray(canvas, {color: Color.BGRA, bias: [10,"
                                + " 20, 30, 5], scale: [2, 4, 8, 50]})");
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                for (int c = 0; c < 4; c++) {
                    assertThat(actual[(y * WIDTH + x) * 4 + c])
                            .isCloseTo(
                                    (channels.get(c).at(x, y) - bias[index[c]]) / scale[index[c]],
                                    within(1e-5));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    bias: 10, scale: 2                       | 10 | 10 | 10 | 2   | 2   | 2
                    bias: [10], scale: [2]                   | 10 | 10 | 10 | 2   | 2   | 2
                    bias: [1, 2, 3], scale: [255, 128, 64]   | 1  | 2  | 3  | 255 | 128 | 64
                    bias: [1, 2, 3, 4], scale: 255           | 1  | 2  | 3  | 255 | 255 | 255
                    """)
    void greyIsLuminance(
            String options,
            double redBias,
            double greenBias,
            double blueBias,
            double redScale,
            double greenScale,
            double blueScale) {
        var actual =
                numbers(
                        "await WebDNN.Image.getImageArray(canvas, {color: Color.GREY, "
                                + options
                                + "})");
        assertThat(actual).hasSize(WIDTH * HEIGHT);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                assertThat(actual[y * WIDTH + x])
                        .isCloseTo(
                                0.2126 * (Channel.RED.at(x, y) - redBias) / redScale
                                        + 0.7152 * (Channel.GREEN.at(x, y) - greenBias) / greenScale
                                        + 0.0722 * (Channel.BLUE.at(x, y) - blueBias) / blueScale,
                                within(1e-4));
            }
        }
    }

    @Test
    void whiteIsOneAndBlackIsZero() {
        var options = "{color: Color.GREY, bias: [0, 0, 0], scale: [255, 255, 255]}";
        assertThat(
                        numbers(
                                "WebDNN.Image.getImageArrayFromImageData(new ImageData(new"
                                        + " Uint8ClampedArray([255, 255, 255, 255, 0, 0, 0, 255]), 2,"
                                        + " 1), "
                                        + options
                                        + ")"))
                .containsExactly(1, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    canvas
                    data
                    url
                    await WebDNN.Image.loadImageByUrl(url)
                    await createImageBitmap(canvas)
                    await new Promise(done => canvas.toBlob(done))
                    """)
    void everySourceCanBeCropped(String source) {
        var actual =
                numbers(
                        "await WebDNN.Image.getImageArray("
                                + source
                                + ", {srcX: 2, srcY: 1, srcW: 3, srcH: 2, type: Int32Array})");
        assertThat(actual).hasSize(3 * 2 * 3);
        for (int y = 0; y < 2; y++) {
            for (int x = 0; x < 3; x++) {
                assertThat(actual[(y * 3 + x) * 3]).isEqualTo(Channel.RED.at(x + 2, y + 1));
                assertThat(actual[(y * 3 + x) * 3 + 1]).isEqualTo(Channel.GREEN.at(x + 2, y + 1));
                assertThat(actual[(y * 3 + x) * 3 + 2]).isEqualTo(Channel.BLUE.at(x + 2, y + 1));
            }
        }
    }

    /// The result is as large as the rectangle's far corner; what is outside of it is 0.
    @Test
    void theResultHasRoomBeforeTheRectangle() {
        var actual =
                numbers(
                        "await WebDNN.Image.getImageArray(canvas, {srcX: 1, srcW: 2, srcH: 1, dstX:"
                                + " 1, dstY: 2})");
        assertThat(actual).hasSize(3 * 3 * 3);
        for (int y = 0; y < 3; y++) {
            for (int x = 0; x < 3; x++) {
                boolean inside = y == 2 && x >= 1;
                assertThat(actual[(y * 3 + x) * 3]).isEqualTo(inside ? Channel.RED.at(x, 0) : 0);
            }
        }
    }

    @Test
    void aPlainAreaStaysPlainWhenItIsResized() {
        var actual =
                numbers(
                        "(() => { const c = canvas.getContext('2d'); c.fillStyle = '#804020';"
                                + " c.fillRect(0, 0, 7, 5); return"
                                + " WebDNN.Image.getImageArrayFromCanvas(canvas, {dstW: 28, dstH:"
                                + " 3}) })()");
        assertThat(actual).hasSize(28 * 3 * 3);
        for (int i = 0; i < actual.length; i += 3) {
            assertThat(actual[i]).isEqualTo(0x80);
            assertThat(actual[i + 1]).isEqualTo(0x40);
            assertThat(actual[i + 2]).isEqualTo(0x20);
        }
    }

    @ParameterizedTest
    @CsvSource({"RGB, HWC", "BGR, CHW", "RGBA, HWC", "RGBA, CHW", "BGRA, HWC", "BGRA, CHW"})
    void anArrayIsDrawnAsItWasRead(String color, String order) {
        var options =
                "{color: Color."
                        + color
                        + ", order: Order."
                        + order
                        + ", bias: [10, 20, 30, 0], scale: [2, 4, 8, 1]}";
        assertThat(
                        run(
                                "const array = await WebDNN.Image.getImageArray(canvas, "
                                        + options
                                        + "); const other = document.createElement('canvas');"
                                        + " other.width = 7; other.height = 5;"
                                        + " WebDNN.Image.setImageArrayToCanvas(array, 7, 5, other, "
                                        + options
                                        + "); const pixels = other.getContext('2d').getImageData(0,"
                                        + " 0, 7, 5).data; return pixels.filter((v, i) => v !=="
                                        + " data.data[i]).length"))
                .isEqualTo(0);
    }

    @Test
    void greyIsDrawnOnAllChannelsAndClamped() {
        assertThat(
                        run(
                                "canvas.width = 4; canvas.height = 1;"
                                        + " WebDNN.Image.setImageArrayToCanvas([-1, 0.25, 0.5, 9], 4,"
                                        + " 1, canvas, {color: Color.GREY, scale: 200, bias: 10});"
                                        + " return canvas.getContext('2d').getImageData(0, 0, 4,"
                                        + " 1).data.join()"))
                .isEqualTo("0,0,0,255,60,60,60,255,110,110,110,255,255,255,255,255");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    getImageArray('nowhere.png')                    | IMAGE  | nowhere.png: could not be loaded as an image
                    getImageArray(new File(['text'], 'a.txt'))      | IMAGE  | a.txt: could not be read as an image
                    getImageArray({})                               | IMAGE  | image: expected an address, a file input, a canvas
                    getImageArray(document.createElement('img'))    | IMAGE  | image: source: expected a width and a height above 0, got 0 × 0
                    loadImageFromFileInput(document.createElement('input')) | IMAGE | file input: expected a chosen file, got none
                    getImageArray(canvas, {color: 9})               | OPTION | image: color: expected one of WebDNN.Image.Color, got 9
                    getImageArray(canvas, {order: 9})               | OPTION | image: order: expected one of WebDNN.Image.Order, got 9
                    getImageArray(canvas, {scale: [1, 2]})          | OPTION | image: scale: expected a number, or a list of 1, 3 or 4 numbers, got [1,2]
                    getImageArray(canvas, {dstW: 2.5})              | OPTION | image: result: expected a whole width and height above 0, got 2.5 × 5
                    getImageArray(canvas, {srcX: NaN})              | OPTION | image: srcX: expected a number, got NaN
                    setImageArrayToCanvas([1, 2], 1, 1, canvas)     | OPTION | image: array: expected 1 × 1 × 3 numbers, got 2
                    """)
    void whatIsWrongIsSaid(String call, String code, String message) {
        try (var page = browser.open(server)) {
            assertThat(page.run(PIXELS + "await WebDNN.Image." + call))
                    .asString()
                    .startsWith(code + "|" + message);
        }
    }

    @Test
    void aForeignImageThatMayNotBeReadIsAnError() {
        try (var other = new PageServer();
                var page = browser.open(server)) {
            other.put("/dot.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
            assertThat(
                            page.run(
                                    PIXELS
                                            + "await WebDNN.Image.getImageArray('"
                                            + other.address()
                                            + "dot.svg')"))
                    .asString()
                    .startsWith("IMAGE|");
        }
    }
}
