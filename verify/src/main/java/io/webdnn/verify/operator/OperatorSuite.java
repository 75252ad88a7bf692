package io.webdnn.verify.operator;

import java.util.stream.Stream;

/// All cases of all operators.
///
/// Among them are the rules for which the official suite of ONNX has no case:
///
/// | rule | held by |
/// |---|---|
/// | Min, Max: NaN if an operand is | [ElementwiseCases], `NaN`; per target in the shader suite |
/// | BitShift by the width gives 0 | [ElementwiseCases], `BitShift` |
/// | Sign of NaN is NaN; Softplus does not overflow | [ElementwiseCases], `values 0` |
/// | Pow: of a negative base; of integers exact, not through float | [ElementwiseCases], `Pow` |
/// | integers of 8 and 16 bits wrap after each operation | [ElementwiseCases], `sums wrap` |
/// | Cast of 0.5 to bool is true | [ElementwiseCases], `Cast` |
/// | sums of float16 are kept in float32 | [ReductionCases], [ProductCases], [WindowCases], [NetworkCases] |
/// | no axes mean none with `noop_with_empty_axes` | [ReductionCases]; read in the importer's `OnnxCompositionTest` |
/// | MaxPool: the first of equal elements has the index | [WindowCases], `MaxPool` |
/// | AveragePool: taps behind the end padding do not count | [WindowCases], `AveragePool` |
/// | LayerNormalization: far from 0 | [NetworkCases] |
/// | Resize: places are not computed in float32 | [ResizeCases], `40000 to 70001` |
/// | Pad: negative pads cut off | [LayoutCases], `crop` |
/// | RoiAlign: the maximum is that of the weighted elements | [RegionCases] |
/// | recurrent: a reversed sequence starts at its own end | [RecurrentCases], `lengths`; GRU and RNN in `OnnxCompositionTest` |
/// | GRU `linear_before_reset`, LRN of even sizes, ReduceLogSumExp without overflow | `OnnxCompositionTest` |
/// | ConvTranspose, pools: a place below 0 is none, however it is rounded | [WindowCases] |
/// | Softmax before opset 13 goes over all axes from its own on | the importer's `OnnxImporterTest` |
public final class OperatorSuite {
    private OperatorSuite() {}

    /// {@return the cases, in a fixed order; their names are unique}
    public static Stream<OperatorCase> cases() {
        return Stream.of(
                        ElementwiseCases.cases(),
                        ProductCases.cases(),
                        WindowCases.cases(),
                        ReductionCases.cases(),
                        LayoutCases.cases(),
                        IndexCases.cases(),
                        DataShapeCases.cases(),
                        PlacementCases.cases(),
                        SamplingCases.cases(),
                        NetworkCases.cases(),
                        ResizeCases.cases(),
                        RecurrentCases.cases(),
                        RecurrentLayerCases.cases(),
                        RegionCases.cases())
                .flatMap(s -> s);
    }
}
