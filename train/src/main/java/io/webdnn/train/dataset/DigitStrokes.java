package io.webdnn.train.dataset;

import java.util.List;

/// How people write digits: for each digit several ways, each a list of strokes in the unit square,
/// x to the right, y down.
///
/// A stroke is a smooth curve through its points. Strokes that begin where another ends make a
/// corner; they stay joined when points are displaced.
final class DigitStrokes {
    /// One way to write a digit.
    ///
    /// @param share how often it is taken, relative to the digit's other ways
    /// @param width the usual ratio of width to height
    /// @param strokes coordinates x₀, y₀, x₁, y₁ …
    record Way(double share, double width, List<double[]> strokes) {}

    private DigitStrokes() {}

    private static Way way(double share, double width, double[]... strokes) {
        return new Way(share, width, List.of(strokes));
    }

    private static double[] stroke(double... coordinates) {
        return coordinates;
    }

    /// {@return the ways to write a digit}
    static List<Way> of(int digit) {
        return WAYS.get(digit);
    }

    private static final List<List<Way>> WAYS =
            List.of(zero(), one(), two(), three(), four(), five(), six(), seven(), eight(), nine());

    private static List<Way> zero() {
        return List.of(
                way(
                        3,
                        0.75,
                        stroke(
                                .55, .0, .2, .1, .0, .5, .2, .92, .5, 1, .82, .9, 1, .5, .8, .08,
                                .5, .0)),
                way(
                        1,
                        0.75,
                        stroke(
                                .62, .06, .3, .05, .05, .35, .03, .65, .25, .95, .6, .98, .92, .7,
                                .95, .35, .72, .05, .5, .02, .38, .12)),
                way(
                        1,
                        0.7,
                        stroke(
                                .45, .02, .12, .2, .0, .55, .15, .9, .5, 1, .85, .85, 1, .5, .9, .2,
                                .62, .02)));
    }

    private static List<Way> one() {
        return List.of(
                way(5, 0.12, stroke(.5, 0, .5, 1)),
                way(1, 0.12, stroke(.5, 0, .65, .5, .5, 1)),
                way(1.5, 0.4, stroke(.15, .28, .55, .0), stroke(.55, .0, .55, 1)),
                way(
                        0.5,
                        0.5,
                        stroke(.2, .25, .5, .0),
                        stroke(.5, .0, .5, 1),
                        stroke(.05, 1, .95, 1)));
    }

    private static List<Way> two() {
        return List.of(
                way(
                        2,
                        0.8,
                        stroke(
                                .05, .25, .2, .06, .5, .0, .82, .1, .85, .35, .6, .65, .3, .86, .0,
                                1),
                        stroke(.0, 1, 1, .97)),
                way(
                        3,
                        0.85,
                        stroke(
                                .1, .2, .3, .03, .6, .02, .8, .18, .75, .45, .5, .75, .22, .97, .03,
                                .94, .08, .8, .3, .8, .6, .95, 1, .92)),
                way(
                        1.5,
                        0.85,
                        stroke(.05, .15, .4, .0, .75, .12, .72, .4, .4, .75, .05, .98),
                        stroke(.05, .98, .3, .9, .65, .97, 1, .9)));
    }

    private static List<Way> three() {
        return List.of(
                way(
                        3,
                        0.7,
                        stroke(.05, .14, .35, .0, .75, .06, .82, .28, .38, .47),
                        stroke(.38, .47, .85, .55, .97, .78, .6, .99, .2, .98, .0, .86)),
                way(
                        1,
                        0.75,
                        stroke(.08, .03, .85, .0),
                        stroke(.85, .0, .42, .42),
                        stroke(.42, .42, .85, .5, .97, .78, .55, 1, .02, .9)),
                way(
                        1.5,
                        0.7,
                        stroke(
                                .08, .1, .5, .0, .82, .15, .7, .38, .42, .48, .4, .5, .7, .5, .95,
                                .68, .8, .93, .4, 1, .0, .9)));
    }

    private static List<Way> four() {
        return List.of(
                way(
                        3,
                        0.75,
                        stroke(.15, .0, .05, .3, .02, .55),
                        stroke(.02, .55, .5, .53, .95, .48),
                        stroke(.82, .02, .78, .5, .7, 1)),
                way(
                        1.2,
                        0.75,
                        stroke(.68, .0, .0, .62),
                        stroke(.0, .62, 1, .6),
                        stroke(.68, .0, .68, 1)),
                way(
                        2,
                        0.7,
                        stroke(.1, .0, .03, .3, .15, .5, .45, .5, .85, .38),
                        stroke(.9, .0, .82, .5, .78, 1)),
                way(
                        1,
                        0.7,
                        stroke(.5, .0, .2, .25, .02, .5),
                        stroke(.02, .5, .5, .55, 1, .5),
                        stroke(.85, .15, .75, 1)));
    }

    private static List<Way> five() {
        return List.of(
                way(
                        2.5,
                        0.75,
                        stroke(.95, .0, .3, .03),
                        stroke(.3, .03, .18, .42),
                        stroke(.18, .42, .5, .36, .88, .52, .9, .82, .5, 1, .0, .9)),
                way(
                        1.5,
                        0.8,
                        stroke(
                                .95, .02, .5, .02, .3, .2, .32, .38, .6, .5, .75, .7, .6, .95, .3,
                                1, .0, .9)),
                way(
                        1,
                        0.8,
                        stroke(.35, .08, .2, .42),
                        stroke(.2, .42, .55, .42, .8, .6, .75, .88, .4, 1, .02, .92),
                        stroke(.38, .08, 1, .0)));
    }

    private static List<Way> six() {
        return List.of(
                way(
                        2,
                        0.65,
                        stroke(
                                .75, .0, .35, .22, .06, .6, .12, .9, .45, 1, .85, .88, .88, .65,
                                .55, .54, .12, .72)),
                way(
                        2,
                        0.55,
                        stroke(
                                .45, .0, .15, .38, .02, .75, .2, .98, .6, .98, .9, .82, .78, .64,
                                .4, .64, .08, .82)),
                way(
                        1,
                        0.7,
                        stroke(
                                .9, .05, .6, .0, .25, .2, .03, .55, .08, .88, .4, 1, .8, .92, .92,
                                .7, .6, .52, .2, .62, .06, .75)));
    }

    private static List<Way> seven() {
        return List.of(
                way(3, 0.75, stroke(.0, .08, .5, .06, .95, .0), stroke(.95, .0, .65, .45, .45, 1)),
                way(
                        1,
                        0.75,
                        stroke(.0, .06, .95, .0),
                        stroke(.95, .0, .6, .5, .45, 1),
                        stroke(.35, .52, .9, .48)),
                way(
                        1,
                        0.7,
                        stroke(.0, .25, .08, .03),
                        stroke(.08, .03, .95, .02),
                        stroke(.95, .02, .72, .4, .55, 1)),
                way(1.5, 0.7, stroke(.0, .2, .15, .04, .5, .05, .9, .02, .85, .3, .6, .65, .5, 1)));
    }

    private static List<Way> eight() {
        return List.of(
                way(
                        3,
                        0.6,
                        stroke(
                                .85, .12, .5, .0, .15, .14, .25, .36, .65, .55, .85, .8, .5, 1, .12,
                                .86, .25, .6, .65, .4, .9, .18, .7, .04)),
                way(
                        1.5,
                        0.6,
                        stroke(
                                .5, .47, .2, .36, .15, .12, .5, .0, .85, .12, .8, .34, .5, .47, .12,
                                .62, .08, .88, .5, 1, .92, .88, .88, .62, .5, .47)),
                way(
                        1,
                        0.6,
                        stroke(
                                .9, .1, .6, .22, .35, .42, .12, .68, .2, .96, .6, .98, .75, .75,
                                .55, .5, .25, .3, .2, .08, .55, .0, .88, .12)));
    }

    private static List<Way> nine() {
        return List.of(
                way(
                        2,
                        0.6,
                        stroke(.85, .15, .5, .0, .1, .15, .06, .4, .4, .5, .75, .38, .88, .12),
                        stroke(.88, .12, .85, .5, .72, 1)),
                way(
                        2,
                        0.6,
                        stroke(.9, .1, .55, .02, .12, .18, .05, .4, .35, .48, .7, .32, .9, .1),
                        stroke(.9, .1, .78, .55, .7, 1)),
                way(
                        1,
                        0.65,
                        stroke(.88, .2, .55, .0, .12, .14, .08, .4, .45, .5, .85, .3, .88, .2),
                        stroke(.88, .2, .92, .6, .72, .93, .35, 1, .08, .92)));
    }
}
