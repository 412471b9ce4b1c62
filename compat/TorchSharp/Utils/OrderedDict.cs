using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace TorchSharp.Utils;

/// <summary>A dictionary that keeps the order of insertion and enumerates as pairs.</summary>
public class OrderedDict<TKey, TValue> : IList<(TKey, TValue)>
    where TKey : notnull
{
    private readonly Dictionary<TKey, TValue> _byKey = [];
    private readonly List<(TKey, TValue)> _ordered = [];

    public ICollection<TKey> Keys => [.. _ordered.Select(pair => pair.Item1)];

    public ICollection<TValue> Values => [.. _ordered.Select(pair => pair.Item2)];

    public int Count => _ordered.Count;

    public bool IsReadOnly => false;

    public TValue this[TKey key]
    {
        get => _byKey[key];
        set
        {
            if (_byKey.TryAdd(key, value))
            {
                _ordered.Add((key, value));
                return;
            }

            _byKey[key] = value;
            _ordered[_ordered.FindIndex(pair => pair.Item1.Equals(key))] = (key, value);
        }
    }

    public (TKey, TValue) this[int index]
    {
        get => _ordered[index];
        set
        {
            _byKey.Remove(_ordered[index].Item1);
            _byKey.Add(value.Item1, value.Item2);
            _ordered[index] = value;
        }
    }

    public void Add(TKey key, TValue value)
    {
        _byKey.Add(key, value);
        _ordered.Add((key, value));
    }

    public void Add((TKey, TValue) item) => Add(item.Item1, item.Item2);

    public bool ContainsKey(TKey key) => _byKey.ContainsKey(key);

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _byKey.TryGetValue(key, out value);

    public bool Remove(TKey key) => _byKey.Remove(key) && _ordered.RemoveAll(pair => pair.Item1.Equals(key)) > 0;

    public bool Remove((TKey, TValue) item) => Remove(item.Item1);

    public void RemoveAt(int index) => Remove(_ordered[index].Item1);

    public void Insert(int index, (TKey, TValue) item)
    {
        _byKey.Add(item.Item1, item.Item2);
        _ordered.Insert(index, item);
    }

    public void Clear()
    {
        _byKey.Clear();
        _ordered.Clear();
    }

    public void clear() => Clear();

    public bool Contains((TKey, TValue) item) => _ordered.Contains(item);

    public int IndexOf((TKey, TValue) item) => _ordered.IndexOf(item);

    public void CopyTo((TKey, TValue)[] array, int arrayIndex) => _ordered.CopyTo(array, arrayIndex);

    public IEnumerator<(TKey, TValue)> GetEnumerator() => _ordered.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
