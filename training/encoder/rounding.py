"""Rounding to 8 bits as the crate does it (`src/encoder/product.rs`), and how it is trained with: forward the rounded numbers,
backward the gradient as if they were not (Bengio et al. 2013; quantisation-aware training, Jacob et al. 2018).

A piece's activations share one scale, and a few channels of BERT's are ten times as large as the others, which then
have few steps left. So channels are evened out (SmoothQuant, Xiao et al. 2023): each is divided by a factor before it is
rounded, and its column of the weights multiplied by it.
"""
import torch

STEPS = 64  # of a weight, on each side of zero
CLIP = 0.95  # of an output's largest weight: what is beyond is cut
STRENGTH = 0.7  # how far channels are evened out: 0 not at all, 1 wholly


class Through(torch.autograd.Function):
    """`rounded` forward, the gradient of `x` backward."""

    @staticmethod
    def forward(ctx, x, rounded):
        return rounded

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None


def weights(w, even):
    """Weights `[outputs, inputs]`: one scale an output, zero stays zero."""
    with torch.no_grad():
        scaled = w * even
        step = scaled.abs().amax(1, keepdim=True).clamp_(min=1e-8).mul_(CLIP / STEPS)
        rounded = scaled.div_(step).round_().clamp_(-STEPS, STEPS).mul_(step).div_(even)
    return Through.apply(w, rounded)


def rows(x, even):
    """Activations: one scale and zero point a row, 256 steps."""
    with torch.no_grad():
        scaled = x / even
        least, most = torch.aminmax(scaled, dim=-1, keepdim=True)
        least, most = least.clamp_(max=0), most.clamp_(min=0)
        step = most.sub_(least).div_(255).clamp_(min=1e-12)
        zero = least.neg_().div_(step).round_()
        rounded = scaled.div_(step).round_().add_(zero).clamp_(0, 255).sub_(zero).mul_(step).mul_(even)
    return Through.apply(x, rounded)


def evening(largest, w, strength=STRENGTH):
    """Factors, around 1, of input channels that are so large at most, of the weights `[outputs, inputs]`."""
    factor = largest.clamp(min=1e-3) ** strength / w.detach().abs().amax(0).clamp(min=1e-3) ** (1 - strength)
    return factor / factor.log().mean().exp()
