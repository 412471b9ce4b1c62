using static TorchSharp.torch;

namespace Forge.TorchSharp.Tests.Scopes;

public sealed class DisposeScopeTests
{
    [Fact]
    public void Dispose_releases_what_the_scope_made()
    {
        Tensor made;
        using (NewDisposeScope())
        {
            made = ones(3);
        }

        Assert.True(made.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => made.shape);
    }

    [Fact]
    public void MoveToOuterDisposeScope_survives_the_inner_scope_only()
    {
        Tensor moved;
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
            {
                moved = ones(3).MoveToOuterDisposeScope();
            }

            Assert.False(moved.IsInvalid);
        }

        Assert.True(moved.IsInvalid);
    }

    [Fact]
    public void MoveToOuterDisposeScope_without_outer_scope_detaches()
    {
        Tensor moved;
        using (NewDisposeScope())
        {
            moved = ones(3).MoveToOuterDisposeScope();
        }

        Assert.False(moved.IsInvalid);
        moved.Dispose();
    }

    [Fact]
    public void DetachFromDisposeScope_leaves_the_tensor_to_its_holder()
    {
        Tensor kept;
        using (NewDisposeScope())
        {
            using var inner = NewDisposeScope();
            kept = ones(3).DetachFromDisposeScope();
        }

        Assert.False(kept.IsInvalid);
        kept.Dispose();
        Assert.True(kept.IsInvalid);
    }

    [Fact]
    public void MoveToOtherDisposeScope_follows_the_other_tensor()
    {
        using var outer = NewDisposeScope();
        var anchor = ones(1);
        Tensor moved;
        using (NewDisposeScope())
        {
            moved = ones(3).MoveToOtherDisposeScope(anchor);
        }

        Assert.False(moved.IsInvalid);
        Assert.True(outer.Contains(moved));
    }

    [Fact]
    public void Dispose_of_a_tensor_takes_it_out_of_its_scope()
    {
        using var scope = NewDisposeScope();
        var made = ones(3);

        made.Dispose();

        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void DisposeEverythingBut_keeps_what_it_is_told()
    {
        using var scope = NewDisposeScope();
        var kept = ones(3);
        var dropped = ones(3);

        scope.DisposeEverythingBut(kept);

        Assert.False(kept.IsInvalid);
        Assert.True(dropped.IsInvalid);
    }

    [Fact]
    public void Scopes_belong_to_their_thread()
    {
        using var scope = NewDisposeScope();
        Tensor? elsewhere = null;

        var thread = new Thread(() => elsewhere = ones(3));
        thread.Start();
        thread.Join();

        Assert.False(scope.Contains(elsewhere!));
        elsewhere!.Dispose();
    }

    [Fact]
    public void Parameter_takes_the_handle_and_the_place_of_its_tensor()
    {
        using var scope = NewDisposeScope();
        var data = ones(3);

        var parameter = nn.Parameter(data);

        Assert.True(data.IsInvalid);
        Assert.True(parameter.requires_grad);
        Assert.True(scope.Contains(parameter));
        Assert.Equal(1, scope.DisposablesCount);
    }
}
