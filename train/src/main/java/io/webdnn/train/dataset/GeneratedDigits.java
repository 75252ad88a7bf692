package io.webdnn.train.dataset;

import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.TrainingException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Handwritten digits that this program draws itself, for where MNIST cannot be had: strokes of
/// random shape, slant, proportion and thickness, prepared as MNIST's are.
///
/// Example `i` of a seed is always the same image, whatever else is drawn.
public final class GeneratedDigits {
    private static final int SIDE = 28;
    private static final int BOX = 20;
    private static final int STEPS_PER_SPAN = 6;

    private GeneratedDigits() {}

    /// {@return so many images with labels, each digit as often as the others}
    public static LabelledImages draw(int count, long seed) {
        if (count < 1) throw TrainingException.of("GeneratedDigits", "count", ">= 1", count);
        byte[] pixels = new byte[count * SIDE * SIDE];
        byte[] labels = new byte[count];
        IntStream.range(0, count)
                .parallel()
                .forEach(i -> {
                    labels[i] = (byte) (i % 10);
                    var random = new RandomStream(seed, i);
                    draw(labels[i], random, pixels, i * SIDE * SIDE);
                });
        return new LabelledImages(pixels, labels, SIDE, SIDE);
    }

    private static void draw(int digit, RandomStream random, byte[] pixels, int at) {
        var way = choose(DigitStrokes.of(digit), random);
        var lines = new Hand(random, way.width()).write(way.strokes());
        double radius = radius(random);
        fit(lines, BOX - 2 * radius);
        float[] image = new float[SIDE * SIDE];
        double softness = random.nextDouble(0.6, 1.1);
        rasterise(lines, radius, softness, image);
        double ink = random.nextDouble(0.85, 1.15);
        centre(image, ink, pixels, at);
    }

    private static DigitStrokes.Way choose(List<DigitStrokes.Way> ways, RandomStream random) {
        double left = random.nextFloat() * ways.stream().mapToDouble(DigitStrokes.Way::share).sum();
        for (var way : ways) {
            left -= way.share();
            if (left < 0) return way;
        }
        return ways.getLast();
    }

    /// Half the width of the pen, in pixels.
    private static double radius(RandomStream random) {
        return Math.clamp(1.3 + 0.45 * random.nextGaussian(), 0.55, 2.8);
    }

    /// One person's hand in one moment: turns the ideal strokes into lines.
    private static final class Hand {
        private final RandomStream random;
        private final double width;
        private final double slant;
        private final double cos;
        private final double sin;
        private final double bend;
        private final double taper;
        private final double[] waves = new double[12];

        Hand(RandomStream random, double usualWidth) {
            this.random = random;
            width = usualWidth * StrictMath.exp(0.28 * random.nextGaussian());
            slant = 0.2 + 0.35 * random.nextGaussian();
            double angle = 0.12 * random.nextGaussian();
            cos = StrictMath.cos(angle);
            sin = StrictMath.sin(angle);
            bend = StrictMath.exp(0.32 * random.nextGaussian());
            taper = 0.45 * random.nextGaussian();
            for (int i = 0; i < waves.length; i += 3) {
                waves[i] = random.nextDouble(0, 2 * Math.PI);
                waves[i + 1] = random.nextDouble(2, 7);
                waves[i + 2] = 0.06 * random.nextGaussian();
            }
        }

        /// {@return for each stroke the coordinates of a fine polygon}
        List<double[]> write(List<double[]> strokes) {
            var lines = new ArrayList<double[]>();
            var moved = new ArrayList<double[]>(); // x, y, where that went
            for (var stroke : strokes) {
                double[] points = new double[stroke.length];
                for (int i = 0; i < stroke.length; i += 2) {
                    boolean end = i == 0 || i == stroke.length - 2;
                    double[] to = displaced(stroke[i], stroke[i + 1], end ? 0.08 : 0.055, moved);
                    points[i] = to[2];
                    points[i + 1] = to[3];
                }
                double[] line = smooth(points);
                for (int i = 0; i < line.length; i += 2) transform(line, i);
                lines.add(line);
            }
            return lines;
        }

        /// A point that two strokes share goes to one place.
        private double[] displaced(double x, double y, double deviation, List<double[]> moved) {
            for (var known : moved) if (known[0] == x && known[1] == y) return known;
            double[] to = {
                x, y, x + deviation * random.nextGaussian(), y + deviation * random.nextGaussian()
            };
            moved.add(to);
            return to;
        }

        private void transform(double[] line, int i) {
            double x = line[i] - 0.5;
            double y = line[i + 1];
            if (y > 0 && y < 1) y = StrictMath.pow(y, bend); // a larger upper or lower part
            y -= 0.5;
            x *= 1 + taper * y;
            x += wave(0, y) + wave(3, x);
            y += wave(6, x) + wave(9, y);
            x = x * width - slant * y;
            line[i] = x * cos - y * sin;
            line[i + 1] = x * sin + y * cos;
        }

        private double wave(int at, double along) {
            return waves[at + 2] * StrictMath.sin(waves[at] + waves[at + 1] * along);
        }
    }

    /// A Catmull-Rom curve through the points, as a polygon.
    private static double[] smooth(double[] points) {
        int spans = points.length / 2 - 1;
        double[] line = new double[2 * (spans * STEPS_PER_SPAN + 1)];
        int at = 0;
        for (int s = 0; s < spans; s++) {
            for (int k = 0; k < STEPS_PER_SPAN; k++) {
                double u = (double) k / STEPS_PER_SPAN;
                for (int axis = 0; axis < 2; axis++) {
                    double p0 = points[2 * Math.max(s - 1, 0) + axis];
                    double p1 = points[2 * s + axis];
                    double p2 = points[2 * (s + 1) + axis];
                    double p3 = points[2 * Math.min(s + 2, spans) + axis];
                    line[at++] =
                            0.5
                                    * (2 * p1
                                            + u * (p2 - p0)
                                            + u * u * (2 * p0 - 5 * p1 + 4 * p2 - p3)
                                            + u * u * u * (3 * p1 - p0 - 3 * p2 + p3));
                }
            }
        }
        line[at] = points[2 * spans];
        line[at + 1] = points[2 * spans + 1];
        return line;
    }

    /// Scales and moves the lines so that the longer side of their frame has the given length and
    /// its middle is the image's.
    private static void fit(List<double[]> lines, double length) {
        double[] low = {Double.MAX_VALUE, Double.MAX_VALUE};
        double[] high = {-Double.MAX_VALUE, -Double.MAX_VALUE};
        for (var line : lines) {
            for (int i = 0; i < line.length; i++) {
                low[i & 1] = Math.min(low[i & 1], line[i]);
                high[i & 1] = Math.max(high[i & 1], line[i]);
            }
        }
        double scale = length / Math.max(high[0] - low[0], high[1] - low[1]);
        for (var line : lines) {
            for (int i = 0; i < line.length; i++)
                line[i] = (line[i] - (low[i & 1] + high[i & 1]) / 2) * scale + SIDE / 2.0;
        }
    }

    /// Ink is 1 within the pen's radius and fades to 0 over `softness` pixels.
    private static void rasterise(
            List<double[]> lines, double radius, double softness, float[] image) {
        double reach = radius + softness / 2;
        for (var line : lines) {
            for (int i = 0; i + 3 < line.length; i += 2) {
                double x0 = line[i];
                double y0 = line[i + 1];
                double dx = line[i + 2] - x0;
                double dy = line[i + 3] - y0;
                double square = Math.max(dx * dx + dy * dy, 1e-12);
                int left = pixel(Math.min(x0, x0 + dx) - reach);
                int right = pixel(Math.max(x0, x0 + dx) + reach);
                int top = pixel(Math.min(y0, y0 + dy) - reach);
                int bottom = pixel(Math.max(y0, y0 + dy) + reach);
                for (int y = top; y <= bottom; y++) {
                    for (int x = left; x <= right; x++) {
                        double px = x + 0.5 - x0;
                        double py = y + 0.5 - y0;
                        double along = Math.clamp((px * dx + py * dy) / square, 0, 1);
                        double ex = px - along * dx;
                        double ey = py - along * dy;
                        double distance = Math.sqrt(ex * ex + ey * ey);
                        double ink = Math.clamp((reach - distance) / softness, 0, 1);
                        int k = y * SIDE + x;
                        image[k] = Math.max(image[k], (float) ink);
                    }
                }
            }
        }
    }

    private static int pixel(double position) {
        return Math.clamp((int) Math.floor(position), 0, SIDE - 1);
    }

    /// Moves the centre of mass to the middle, by whole pixels.
    private static void centre(float[] image, double ink, byte[] pixels, int at) {
        double mass = 0;
        double sumX = 0;
        double sumY = 0;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double m = image[y * SIDE + x];
                mass += m;
                sumX += m * (x + 0.5);
                sumY += m * (y + 0.5);
            }
        }
        int shiftX = (int) Math.round(SIDE / 2.0 - sumX / mass);
        int shiftY = (int) Math.round(SIDE / 2.0 - sumY / mass);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int fromX = x - shiftX;
                int fromY = y - shiftY;
                if (fromX < 0 || fromX >= SIDE || fromY < 0 || fromY >= SIDE) continue;
                double value = Math.clamp(image[fromY * SIDE + fromX] * ink, 0, 1);
                pixels[at + y * SIDE + x] = (byte) Math.round(255 * value);
            }
        }
    }
}
