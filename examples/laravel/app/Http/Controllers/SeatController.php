<?php

namespace App\Http\Controllers;

use App\Services\Seatcast;
use Illuminate\Http\Client\RequestException;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\RedirectResponse;
use Illuminate\Http\Request;
use Illuminate\Support\Str;
use Illuminate\View\View;

class SeatController extends Controller
{
    public function __construct(private readonly Seatcast $seatcast) {}

    /** The page with the map. The visitor's browser locks seats by itself. */
    public function show(Request $request, string $showtime): View
    {
        return view('showtime', [
            'showtime' => $showtime,
            'userId' => $this->holder($request),
            'bookingId' => (string) Str::uuid(),
        ]);
    }

    /** Locks from PHP, for sales by telephone or a page without script. The maps show it like any other lock. */
    public function lock(Request $request, string $showtime): JsonResponse
    {
        $seats = $this->seats($request);
        try {
            return response()->json($this->seatcast->lock($showtime, $seats, $this->holder($request)));
        } catch (RequestException $refusal) {
            return response()->json($refusal->response->json(), $refusal->response->status());
        }
    }

    /** Sells what the visitor holds. Sent twice, it is one booking: the id was made with the page. */
    public function book(Request $request, string $showtime): RedirectResponse
    {
        $seats = $this->seats($request);
        $bookingId = $request->validate(['booking_id' => ['required', 'uuid']])['booking_id'];
        try {
            // From here on the seats are the customer's, however long the payment takes. Where that fails:
            // $this->seatcast->release($showtime, $seats, $bookingId).
            $this->seatcast->book($showtime, $seats, $this->holder($request), $bookingId);
        } catch (RequestException $refusal) {
            return back()->withErrors(['seats' => $this->message($refusal)]);
        }

        return redirect()->route('showtime', $showtime)->with('booked', $bookingId);
    }

    /** Whoever knows it can act as the visitor: it is random, and stays in the session. */
    private function holder(Request $request): string
    {
        $session = $request->session();
        if (! $session->has('seatcast_user')) {
            $session->put('seatcast_user', 'web-'.Str::random(32));
        }

        return $session->get('seatcast_user');
    }

    /** @return list<string> */
    private function seats(Request $request): array
    {
        return $request->validate([
            'seats' => ['required', 'array', 'min:1', 'max:10'],
            'seats.*' => ['required', 'string', 'max:200', 'distinct'],
        ])['seats'];
    }

    private function message(RequestException $refusal): string
    {
        $problem = $refusal->response->json();
        $seats = collect($problem['seats'] ?? [])->map(fn (array $seat) => "{$seat['seatId']} ({$seat['reason']})");

        return match ($problem['code'] ?? null) {
            'lock_lost' => 'No longer yours: '.$seats->join(', '),
            'booking_conflict' => 'This order was placed before.',
            default => 'The seats could not be booked. Please try again.',
        };
    }
}
